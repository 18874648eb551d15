/** systemd by its own command, where there is no bus to be asked. */
import { type OperationContext, outcome, outcomeOfFailure } from './agent-class.js';
import type { ChildResult } from './child.js';
import { type Answer, lastLine, type ServiceManager } from './service-manager.js';

const SYSTEMCTL = 'systemctl';

export const systemctl: ServiceManager = {
  async state(unit, context) {
    const answer = await call(context, 'show', '--property=ActiveState,LoadState,Description', unit);
    if (!answer.ok) return answer;
    const properties = readProperties(answer.value.stdout);
    const { ActiveState: active, LoadState: load = '', Description: description = '' } = properties;
    if (active === undefined) return failed(lastLine(answer.value.stderr) || `no state of ${unit}`);
    return { ok: true, value: { active, load, description } };
  },

  async run(job, unit, context) {
    // It waits for the job, and with it for the unit to be up or down.
    const answer = await call(context, '--no-ask-password', job, unit);
    if (!answer.ok) return answer;
    const { end, stderr } = answer.value;
    if (end.kind === 'exited' && end.code === 0) return { ok: true, value: null };
    return failed(lastLine(stderr));
  },

  async reload(context) {
    await call(context, 'daemon-reload');
  },

  async unitFiles(context) {
    const answer = await call(context, 'list-unit-files', '--no-legend', '--no-pager', '--plain');
    if (!answer.ok) return [];
    return answer.value.stdout.split('\n').flatMap((line) => line.split(/\s+/)[0] || []);
  },
};

async function call(context: OperationContext, ...args: string[]): Promise<Answer<ChildResult>> {
  const result = await context.run({ file: SYSTEMCTL, args, env: context.environment });
  const failure = outcomeOfFailure(result, SYSTEMCTL, context.timeoutMs, 'Resource agent');
  return failure ? { ok: false, outcome: failure } : { ok: true, value: result };
}

function failed(reason: string): Answer<never> {
  return { ok: false, outcome: outcome('error', 1, reason) };
}

function readProperties(text: string): Record<string, string> {
  const properties: Record<string, string> = {};
  for (const line of text.split('\n')) {
    const at = line.indexOf('=');
    if (at > 0) properties[line.slice(0, at)] = line.slice(at + 1);
  }
  return properties;
}
