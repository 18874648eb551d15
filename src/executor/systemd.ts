/** Class `systemd`: units, through `systemctl`. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { type AgentClass, OCF, type OperationContext, outcome, outcomeOfFailure } from './agent-class.js';
import { metadataDocument } from './metadata.js';

const SYSTEMCTL = 'systemctl';

export const systemd: AgentClass = {
  name: 'systemd',

  async execute(request, context) {
    const unit = unitName(request.agent.type);
    switch (request.operation) {
      case 'monitor':
      case 'status':
        return monitor(unit, request.timeoutMs, context);
      case 'start':
      case 'stop':
      case 'restart': {
        // systemctl waits for the job, and with it for the unit to be up or down.
        if (request.operation === 'start') orderBeforeUs(unit, context.places.root);
        if (request.operation === 'stop') removeOrder(unit, context.places.root);
        const result = await context.run({
          file: SYSTEMCTL,
          args: ['--no-ask-password', request.operation, unit],
          env: context.environment,
        });
        const failure = outcomeOfFailure(result, SYSTEMCTL, request.timeoutMs, 'Resource agent');
        if (failure) return failure;
        const output = result.stdout + result.stderr;
        const code = result.end.kind === 'exited' ? result.end.code : 1;
        if (code === 0) return outcome('done', OCF.ok, '', output);
        if (/not found|not loaded/.test(result.stderr)) {
          // A unit that does not exist is as good as stopped.
          if (request.operation === 'stop') return outcome('done', OCF.ok, '', output);
          return outcome('not-installed', OCF.notInstalled, `systemd unit ${unit} not found`, output);
        }
        return outcome('done', OCF.genericError, lastLine(result.stderr), output);
      }
      default:
        return outcome(
          'error',
          OCF.notImplemented,
          `Action ${request.operation} not implemented for systemd resources`,
        );
    }
  },

  list() {
    return [];
  },

  async metadata(type, _provider, context) {
    const shown = await context.run({
      file: SYSTEMCTL,
      args: ['show', '--property=Description,LoadState', unitName(type)],
      env: context.environment,
    });
    const properties = readProperties(shown.stdout);
    if (properties.LoadState === 'not-found') return null;
    const description = properties.Description ?? `systemd unit file for ${type}`;
    return metadataDocument({
      name: type,
      shortdesc: `systemd unit file for ${type}`,
      longdesc: description,
      actions: [
        ['start', '100'],
        ['stop', '100'],
        ['status', '100'],
        ['monitor', '100', '60'],
        ['meta-data', '5'],
      ],
    });
  },
};

async function monitor(unit: string, timeoutMs: number, context: OperationContext) {
  for (;;) {
    const result = await context.run({
      file: SYSTEMCTL,
      args: ['show', '--property=ActiveState,LoadState', unit],
      env: context.environment,
    });
    const failure = outcomeOfFailure(result, SYSTEMCTL, timeoutMs, 'Resource agent');
    if (failure) return failure;
    const { ActiveState: state, LoadState: load } = readProperties(result.stdout);
    if (state === undefined) {
      return outcome('error', OCF.genericError, lastLine(result.stderr) || `no state of ${unit}`);
    }
    if (state === 'active' || state === 'reloading') return outcome('done', OCF.ok);
    if (load === 'not-found') {
      return outcome('not-installed', OCF.notInstalled, `systemd unit ${unit} not found`);
    }
    if (state !== 'activating' && state !== 'deactivating') {
      return outcome('done', OCF.notRunning, state);
    }
    // Neither up nor down: look again until it is, or until the operation's time is over.
    if (!(await context.sleep(500))) return outcome('cancelled', OCF.ok);
  }
}

/** Units of class systemd that there are, by `systemctl`; they are no files in one directory. */
export async function listUnits(context: OperationContext): Promise<string[]> {
  const result = await context.run({
    file: SYSTEMCTL,
    args: ['list-unit-files', '--no-legend', '--no-pager', '--plain'],
    env: context.environment,
  });
  const names = new Set<string>();
  for (const line of result.stdout.split('\n')) {
    const name = line.split(/\s+/)[0] ?? '';
    if (name.endsWith('.service')) names.add(name.slice(0, -'.service'.length));
    else if (/\.(socket|mount|timer|path|target)$/.test(name)) names.add(name);
  }
  return [...names].sort();
}

function unitName(type: string): string {
  return /\.(service|socket|mount|timer|path|target)$/.test(type) ? type : `${type}.service`;
}

/**
 * The unit is ordered before the agent's own, so that a host that shuts down stops the agent first and leaves the
 * unit to it. systemd shall not restart what the cluster watches.
 */
function orderBeforeUs(unit: string, root: string): void {
  const directory = `${root}/run/systemd/system/${unit}.d`;
  try {
    mkdirSync(directory, { recursive: true, mode: 0o755 });
    writeFileSync(
      `${directory}/50-quorate.conf`,
      `[Unit]\nDescription=Cluster Controlled ${unit}\nBefore=quorated.service pacemaker.service\n\n[Service]\nRestart=no\n`,
      { mode: 0o644 },
    );
  } catch {
    // Without the right to write there the unit still starts.
  }
}

function removeOrder(unit: string, root: string): void {
  rmSync(`${root}/run/systemd/system/${unit}.d/50-quorate.conf`, { force: true });
}

function readProperties(text: string): Record<string, string> {
  const properties: Record<string, string> = {};
  for (const line of text.split('\n')) {
    const at = line.indexOf('=');
    if (at > 0) properties[line.slice(0, at)] = line.slice(at + 1);
  }
  return properties;
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) ?? '';
}
