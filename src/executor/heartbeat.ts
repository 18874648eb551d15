/**
 * Class `heartbeat`: version 1 resource scripts (`/etc/ha.d/resource.d`, else init scripts), as haresources names them.
 * Parameters `1`, `2`, ... are given as arguments before the action; `status` says `running` or `OK` on stdout.
 */
import { join } from 'node:path';
import { type AgentClass, OCF, outcome, outcomeOfFailure } from './agent-class.js';
import { metadataDocument } from './metadata.js';
import { findFile, listExecutables } from './places.js';

export const heartbeat: AgentClass = {
  name: 'heartbeat',

  async execute(request, context) {
    const { type } = request.agent;
    const file =
      findFile(context.places.heartbeatScripts, type) ?? join(context.places.heartbeatScripts[0]!, type);
    const isStatus = request.operation === 'monitor' || request.operation === 'status';
    if (!isStatus && request.operation !== 'start' && request.operation !== 'stop') {
      return outcome('done', OCF.notImplemented, `${type} has no action ${request.operation}`);
    }
    const args: string[] = [];
    for (let position = 1; request.parameters[position] !== undefined; position++) {
      args.push(request.parameters[position]!);
    }
    const result = await context.run({
      file,
      args: [...args, isStatus ? 'status' : request.operation],
      env: context.environment,
    });
    const failure = outcomeOfFailure(result, file, request.timeoutMs, 'Resource agent');
    if (failure) return failure;
    const code = result.end.kind === 'exited' ? result.end.code : OCF.genericError;
    const output = result.stdout + result.stderr;
    if (!isStatus) return outcome('done', code === 0 ? OCF.ok : OCF.genericError, '', output);
    // What it says counts more than how it exits: many of these scripts always exit 0.
    const running = /running|\bOK\b/i.test(result.stdout) && !/not running|stopped/i.test(result.stdout);
    return outcome('done', running ? OCF.ok : OCF.notRunning, '', output);
  },

  list: (places) => listExecutables([places.heartbeatScripts[0]!]),

  async metadata(type, _provider, context) {
    if (findFile(context.places.heartbeatScripts, type) === undefined) return null;
    return metadataDocument({
      name: type,
      shortdesc: type,
      longdesc: `Heartbeat version 1 resource script ${type}`,
      parameters: ['1', '2', '3', '4', '5'],
      actions: [
        ['start', '15'],
        ['stop', '15'],
        ['status', '15'],
        ['monitor', '15', '15'],
        ['meta-data', '5'],
      ],
    });
  },
};
