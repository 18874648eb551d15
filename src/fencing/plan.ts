/** What is to be done, in which order, to fence a node: alternatives, each of which is a list of steps that must all succeed. */
import type { FenceDevice, FencingAction } from './device.js';
import { attemptsMax, mayRunOn, supportedAction } from './device.js';
import type { FencingLevel } from './topology.js';
import { WATCHDOG } from './watchdog.js';

export interface Step {
  readonly device: FenceDevice;
  readonly action: FencingAction;
  /** Turning a node on again after it was turned off: it is fenced already, whatever becomes of this. */
  readonly mayFail: boolean;
  readonly attemptsMax: number;
}

/** All steps must succeed; when one fails, the next alternative is tried. */
export interface Alternative {
  /** Level of the topology; 0 where there is none. */
  readonly level: number;
  readonly steps: readonly Step[];
}

/**
 * Alternatives in the order of trying. Without topology each device is one, by priority; turning on takes all devices
 * that unfence at once. `eligible` are the devices that can fence the target, in document order.
 */
export function planFencing(
  action: FencingAction,
  eligible: readonly FenceDevice[],
  levels: readonly FencingLevel[],
): Alternative[] {
  const able = eligible.filter((device) => action !== 'on' || device.traits.actions.has('on'));
  const required = action === 'on' ? able.filter((device) => device.unfences) : [];
  const lastOf = ({ device }: { device: FenceDevice }) => Number(device.id === WATCHDOG);
  if (levels.length > 0) return planLevels(action, able, levels, required);
  if (required.length > 0) return [{ level: 0, steps: required.map((device) => planStep(device, action)) }];
  return able
    .map((device, index) => ({ device, index }))
    .sort((a, b) => lastOf(a) - lastOf(b) || b.device.priority - a.device.priority || a.index - b.index)
    .map(({ device }) => ({ level: 0, steps: [planStep(device, action)] }));
}

function planLevels(
  action: FencingAction,
  able: readonly FenceDevice[],
  levels: readonly FencingLevel[],
  required: readonly FenceDevice[],
): Alternative[] {
  const byId = new Map(able.map((device) => [device.id, device]));
  const alternatives: Alternative[] = [];
  for (const { index } of uniqueLevels(levels)) {
    const ids = levels.filter((level) => level.index === index).flatMap((level) => level.devices);
    const devices = ids.map((id) => byId.get(id));
    // A level is worth nothing when one of its devices cannot fence this node.
    if (devices.some((device) => device === undefined)) continue;
    const present = devices as FenceDevice[];
    const rest = required.filter((device) => !present.includes(device));
    const steps =
      action === 'reboot' && present.length > 1
        ? powerCycle(present)
        : [...present, ...rest].map((device) => planStep(device, action));
    alternatives.push({ level: index, steps });
  }
  return alternatives;
}

function uniqueLevels(levels: readonly FencingLevel[]): FencingLevel[] {
  return levels
    .filter((level, position) => levels.findIndex((other) => other.index === level.index) === position)
    .sort((a, b) => a.index - b.index);
}

/** Several supplies of one machine: all off, and only then all on again. */
function powerCycle(devices: readonly FenceDevice[]): Step[] {
  const back = devices.filter(
    (device) => device.traits.actions.has('on') && device.parameters.pcmk_reboot_action !== 'off',
  );
  return [
    ...devices.map((device) => planStep(device, 'off')),
    ...back.map((device) => ({ ...planStep(device, 'on'), mayFail: true, attemptsMax: 1 })),
  ];
}

/** One action of a device, as it is tried. */
export function planStep(device: FenceDevice, action: FencingAction): Step {
  return {
    device,
    action,
    mayFail: false,
    attemptsMax: attemptsMax(device, supportedAction(device, action)),
  };
}

/**
 * Nodes that may run a step, best first: where the device's monitor has succeeded, then the others, the target itself
 * last and only where that was asked for or the device demands it.
 */
export function nodesFor(
  device: FenceDevice,
  action: FencingAction,
  target: string,
  members: readonly string[],
  verified: ReadonlySet<string>,
  allowSelf: boolean,
): string[] {
  const rank = (node: string): number => (node === target ? 2 : verified.has(node) ? 0 : 1);
  return members
    .filter((node) => mayRunOn(device, action, node, target, allowSelf))
    .map((node, index) => ({ node, index }))
    .sort((a, b) => rank(a.node) - rank(b.node) || a.index - b.index)
    .map(({ node }) => node);
}
