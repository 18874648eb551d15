/**
 * systemd over D-Bus (org.freedesktop.systemd1(5)), by `busctl`, which comes with it: a bus library in the executor
 * would make every fork dearer. Signals reach only clients that stay connected, so a job's end is seen by asking the
 * unit which job it has.
 */
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { OCF, type OperationContext, outcome, outcomeOfFailure } from './agent-class.js';
import { type Answer, lastLine, poll, type ServiceManager, type UnitState } from './service-manager.js';

const BUSCTL = 'busctl';
const NAME = 'org.freedesktop.systemd1';
const MANAGER = [NAME, '/org/freedesktop/systemd1', `${NAME}.Manager`] as const;
const SYSTEM_BUS = '/run/dbus/system_bus_socket';

/** Whether this host has a system bus, and the means to talk on it. */
export function hasSystemBus(environment: Readonly<Record<string, string>>): boolean {
  if (environment.DBUS_SYSTEM_BUS_ADDRESS === undefined && !existsSync(SYSTEM_BUS)) return false;
  return (environment.PATH ?? '').split(delimiter).some((folder) => existsSync(join(folder, BUSCTL)));
}

export const systemdBus: ServiceManager = {
  async state(unit, context) {
    const loaded = await load(unit, context);
    if (!loaded.ok) return loaded;
    const looked = await look(loaded.value, context);
    return looked.ok ? { ok: true, value: looked.value } : looked;
  },

  async run(job, unit, context) {
    const loaded = await load(unit, context);
    if (!loaded.ok) return loaded;
    const method = { start: 'StartUnit', stop: 'StopUnit', restart: 'RestartUnit' }[job];
    const queued = await call(context, 'call', ...MANAGER, method, 'ss', unit, 'replace');
    if (!queued.ok) return queued;
    const [jobPath] = queued.value[0] as [string];
    const ended = await poll<Answer<null>>(context, async () => {
      const looked = await look(loaded.value, context);
      if (!looked.ok) return looked;
      return looked.value.job === jobPath ? undefined : { ok: true, value: null };
    });
    return ended ?? { ok: false, outcome: outcome('cancelled', OCF.ok) };
  },

  async reload(context) {
    await call(context, 'call', ...MANAGER, 'Reload');
  },

  async unitFiles(context) {
    const answer = await call(context, 'call', ...MANAGER, 'ListUnitFiles');
    if (!answer.ok) return [];
    const [files] = answer.value[0] as [[path: string, state: string][]];
    return files.map(([path]) => path.slice(path.lastIndexOf('/') + 1));
  },
};

/** The unit's object; systemd makes one for units that there are not, too. */
async function load(unit: string, context: OperationContext): Promise<Answer<string>> {
  const answer = await call(context, 'call', ...MANAGER, 'LoadUnit', 's', unit);
  if (!answer.ok) return answer;
  const [path] = answer.value[0] as [string];
  return { ok: true, value: path };
}

async function look(
  path: string,
  context: OperationContext,
): Promise<Answer<UnitState & { readonly job: string }>> {
  const properties = ['ActiveState', 'LoadState', 'Description', 'Job'];
  const answer = await call(context, 'get-property', NAME, path, `${NAME}.Unit`, ...properties);
  if (!answer.ok) return answer;
  const [active, loaded, description, job] = answer.value as [string, string, string, [number, string]];
  return { ok: true, value: { active, load: loaded, description, job: job[1] } };
}

/** The `data` of each line that busctl answers. */
async function call(context: OperationContext, ...words: string[]): Promise<Answer<unknown[]>> {
  const result = await context.run({
    file: BUSCTL,
    args: ['--system', '--json=short', '--no-pager', ...words],
    env: context.environment,
  });
  const failure = outcomeOfFailure(result, BUSCTL, context.timeoutMs, 'Resource agent');
  if (failure) return { ok: false, outcome: failure };
  if (result.end.kind !== 'exited' || result.end.code !== 0) {
    return { ok: false, outcome: outcome('error', OCF.genericError, lastLine(result.stderr)) };
  }
  const lines = result.stdout.split('\n').filter((line) => line !== '');
  return { ok: true, value: lines.map((line) => (JSON.parse(line) as { data: unknown }).data) };
}
