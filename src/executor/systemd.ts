/** Class `systemd`: units of the host's service manager. */
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { type AgentClass, OCF, type OperationContext, type Outcome, outcome } from './agent-class.js';
import { metadataDocument } from './metadata.js';
import { poll, type ServiceManager, type UnitJob, type UnitState } from './service-manager.js';
import { systemctl } from './systemctl.js';
import { hasSystemBus, systemdBus } from './systemd-bus.js';

/** What a resource can be; of these `.service` may be left out. */
const SUFFIX = /\.(service|socket|mount|timer|path)$/;

export const systemd: AgentClass = {
  name: 'systemd',

  async execute(request, context) {
    const unit = unitName(request.agent.type);
    switch (request.operation) {
      case 'monitor':
      case 'status':
        return outcomeOfState(await settled(unit, context));
      case 'start':
      case 'stop':
      case 'restart':
        return change(request.operation, unit, context);
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
    const state = await managerFor(context).state(unitName(type), context);
    if (state.ok && state.value.load === 'not-found') return null;
    return metadataDocument({
      name: type,
      ocfVersion: '1.1',
      shortdesc: `systemd unit file for ${type}`,
      longdesc: state.ok ? state.value.description : `Systemd unit file for ${type}`,
      actions: [
        ['start', '100'],
        ['stop', '100'],
        ['status', '100'],
        ['monitor', '100', '60'],
        ['meta-data', '5'],
      ],
      special: 'systemd',
    });
  },
};

/** Types of class systemd that there are: services without their suffix, other units with it. */
export async function listUnits(context: OperationContext): Promise<string[]> {
  const files = await managerFor(context).unitFiles(context);
  const types = files.filter((name) => SUFFIX.test(name)).map((name) => name.replace(/\.service$/, ''));
  return [...new Set(types)].sort();
}

function managerFor(context: OperationContext): ServiceManager {
  return hasSystemBus(context.environment) ? systemdBus : systemctl;
}

function unitName(type: string): string {
  return SUFFIX.test(type) ? type : `${type}.service`;
}

async function change(job: UnitJob, unit: string, context: OperationContext): Promise<Outcome> {
  const manager = managerFor(context);
  const before = await manager.state(unit, context);
  if (!before.ok) return before.outcome;
  if (before.value.load === 'not-found') {
    // A unit that does not exist is as good as stopped.
    if (job === 'stop') return outcome('done', OCF.ok);
    return outcome('not-installed', OCF.notInstalled, `systemd unit ${unit} not found`);
  }
  const ordered = job === 'stop' ? removeOrder(unit, context) : orderBeforeUs(unit, context);
  if (ordered) await manager.reload(context);
  const done = await manager.run(job, unit, context);
  if (!done.ok) return done.outcome;
  const after = await settled(unit, context);
  const found = outcomeOfState(after);
  if (found.status !== 'done') return found;
  const isDown = found.rc === OCF.notRunning;
  if (job === 'stop') {
    return isDown ? outcome('done', OCF.ok) : outcome('done', OCF.genericError, `${unit} is still active`);
  }
  return isDown ? outcome('done', OCF.genericError, found.exitReason) : found;
}

/** The state once the unit is up or down: what is neither is looked at again as long as the operation may take. */
async function settled(unit: string, context: OperationContext): Promise<UnitState | Outcome> {
  const found = await poll<UnitState | Outcome>(context, async () => {
    const state = await managerFor(context).state(unit, context);
    if (!state.ok) return state.outcome;
    return state.value.active === 'activating' || state.value.active === 'deactivating'
      ? undefined
      : state.value;
  });
  return found ?? outcome('cancelled', OCF.ok);
}

function outcomeOfState(state: UnitState | Outcome): Outcome {
  if ('status' in state) return state;
  if (state.active === 'active' || state.active === 'reloading') return outcome('done', OCF.ok);
  return outcome('done', OCF.notRunning, state.active);
}

function orderFile(unit: string, context: OperationContext): string {
  return `${context.places.root}/run/systemd/system/${unit}.d/50-quorate.conf`;
}

/**
 * The unit is ordered before the agent's own, so that a host that shuts down stops the agent first and leaves the
 * unit to it. systemd shall not restart what the cluster watches. True where systemd has something new to read.
 */
function orderBeforeUs(unit: string, context: OperationContext): boolean {
  const file = orderFile(unit, context);
  const name = unit.replace(/\.service$/, '');
  const service = name === unit ? '' : '\n[Service]\nRestart=no\n';
  const text = `[Unit]\nDescription=Cluster Controlled ${name}\nBefore=quorated.service pacemaker.service pacemaker_remote.service\n${service}`;
  try {
    mkdirSync(file.slice(0, file.lastIndexOf('/')), { recursive: true, mode: 0o755 });
    writeFileSync(file, text, { mode: 0o644 });
    return true;
  } catch {
    // Without the right to write there the unit still starts.
    return false;
  }
}

function removeOrder(unit: string, context: OperationContext): boolean {
  const file = orderFile(unit, context);
  if (!existsSync(file)) return false;
  rmSync(file, { force: true });
  return true;
}
