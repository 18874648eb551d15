/** Class `lsb`: init scripts (Linux Standard Base 3.1, chapter 20.2). */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type AgentClass, OCF, outcome, outcomeOfFailure } from './agent-class.js';
import { metadataDocument } from './metadata.js';
import { listExecutables } from './places.js';

/** OCF exit code for an init script's (`services__lsb2ocf` of Pacemaker). */
export function lsbToOcf(operation: string, code: number): number {
  if (operation !== 'monitor' && operation !== 'status') return code <= 7 ? code : OCF.genericError;
  switch (code) {
    case 0:
      return OCF.ok;
    // 1 and 2: dead, but its pid or lock file is there.
    case 1:
    case 2:
    case 3:
      return OCF.notRunning;
    case 150:
      return OCF.notInstalled;
    case 151:
      return OCF.insufficientPrivileges;
    default:
      return OCF.genericError;
  }
}

export const lsb: AgentClass = {
  name: 'lsb',

  async execute(request, context) {
    const file = join(context.places.initScripts, request.agent.type);
    const operation = request.operation === 'monitor' ? 'status' : request.operation;
    const result = await context.run({ file, args: [operation], env: context.environment });
    const failure = outcomeOfFailure(result, file, request.timeoutMs, 'Resource agent');
    if (failure) return failure;
    const code = result.end.kind === 'exited' ? result.end.code : OCF.genericError;
    return outcome('done', lsbToOcf(operation, code), '', result.stdout + result.stderr);
  },

  list: (places) => listExecutables([places.initScripts]),

  async metadata(type, _provider, context) {
    let text: string;
    try {
      text = readFileSync(join(context.places.initScripts, type), 'utf8');
    } catch {
      return null;
    }
    const header = readLsbHeader(text);
    return metadataDocument({
      name: type,
      shortdesc: header['Short-Description'] ?? type,
      longdesc: header.Description ?? header['Short-Description'] ?? type,
      actions: [
        ['meta-data', '5'],
        ['start', '15'],
        ['stop', '15'],
        ['status', '15'],
        ['restart', '15'],
        ['force-reload', '15'],
        ['monitor', '15', '15'],
      ],
    });
  },
};

/** Fields between `### BEGIN INIT INFO` and `### END INIT INFO`; continued lines are joined by newlines. */
export function readLsbHeader(text: string): Record<string, string> {
  const fields: Record<string, string> = {};
  let inside = false;
  let last: string | undefined;
  for (const line of text.split('\n')) {
    if (line.startsWith('### BEGIN INIT INFO')) inside = true;
    else if (line.startsWith('### END INIT INFO')) break;
    else if (inside) {
      const field = /^#\s?([A-Z][\w-]*):\s*(.*)$/.exec(line);
      if (field) {
        last = field[1]!;
        fields[last] = field[2]!.trim();
      } else if (last === 'Description' && /^#(\t| {2,})/.test(line)) {
        fields[last] = `${fields[last]}\n${line.slice(1).trim()}`;
      }
    }
  }
  return fields;
}
