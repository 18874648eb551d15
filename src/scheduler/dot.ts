import { notifyKey, operationKey } from '../status/operation-key.js';
import { type Action, newestFirst } from './action.js';
import { ActionFlag, Order } from './flags.js';

export interface DotOptions {
  /** Also what was thought of and is not to happen. Default false. */
  readonly all?: boolean;
  /** Action numbers with the names. Default false. */
  readonly ids?: boolean;
}

function nameOf(action: Action, ids: boolean): string {
  const name = plainName(action);
  return ids ? `${name} (${action.id})` : name;
}

function plainName(action: Action): string {
  const host = action.node?.name ?? (action.pseudo ? undefined : '<none>');
  const at = host === undefined ? '' : ` ${host}`;
  const cancels = action.task === 'cancel';
  const prefix = cancels ? 'Cancel ' : '';
  const historyName = action.resource?.historyName;
  if (historyName !== undefined) {
    const task = cancels ? (action.cancelTask ?? '') : action.task;
    const interval = Number(action.meta.get('interval') ?? 0) || 0;
    const key =
      action.task === 'notify' || action.task === 'notified'
        ? notifyKey(
            historyName,
            action.meta.get('notify_key_type') ?? '',
            action.meta.get('notify_key_operation') ?? '',
          )
        : operationKey(historyName, task, interval);
    return `${prefix}${key}${at}`;
  }
  if (action.task === 'stonith') return `${prefix}stonith '${action.meta.get('stonith_action')}'${at}`;
  if (host === undefined) return action.key;
  return `${prefix}${action.resource ? action.key : action.task}${at}`;
}

/** The plan as a graph for graphviz, as `crm_simulate -D` writes it. */
export function dotText(actions: readonly Action[], options: DotOptions = {}): string {
  const { all = false, ids = false } = options;
  const lines: string[] = [' digraph "g" {'];
  const shown = new Set<Action>();
  for (const action of newestFirst(actions)) {
    const font = action.pseudo ? 'orange' : 'black';
    let style = 'dashed';
    let color = 'red';
    let fontColor = font;
    if (action.has(ActionFlag.dumped)) {
      style = 'bold';
      color = 'green';
    } else if (action.resource && !action.resource.managed) {
      fontColor = 'purple';
      if (!all) continue;
    } else if (action.optional) {
      color = 'blue';
      if (!all) continue;
    }
    shown.add(action);
    lines.push(`"${nameOf(action, ids)}" [ style=${style} color="${color}" fontcolor="${fontColor}"]`);
  }
  for (const action of newestFirst(actions)) {
    for (const link of action.before) {
      let style = 'dashed';
      let optional = true;
      if (link.dumped) {
        optional = false;
        style = 'bold';
      } else if (link.type === Order.none) continue;
      else if (shown.has(link.action) && shown.has(action) && link.type !== Order.load) optional = false;
      if (all || !optional) {
        lines.push(`"${nameOf(link.action, ids)}" -> "${nameOf(action, ids)}" [ style = ${style}]`);
      }
    }
  }
  lines.push('}');
  return lines.map((line) => `${line}\n`).join('');
}
