/** `RESOURCE_TASK_INTERVALMS`, the name of an operation in histories and graphs. */
export function operationKey(resourceId: string, task: string, intervalMs: number): string {
  return `${resourceId}_${task}_${intervalMs}`;
}

/** The key of a notification: `RESOURCE_pre_notify_start_0`. */
export function notifyKey(resourceId: string, type: string, task: string): string {
  return `${resourceId}_${type}_notify_${task}_0`;
}

export interface ParsedOperationKey {
  readonly resourceId: string;
  readonly task: string;
  readonly intervalMs: number;
}

const COMPOUND = /^(.*)_(migrate_(?:from|to)|(?:pre|post)_notify_(?:[a-z]+|migrate_(?:from|to)))_([0-9]+)$/;

/** Takes a key apart; undefined where it is none. Resource ids may contain underscores, tasks seldom do. */
export function parseOperationKey(key: string): ParsedOperationKey | undefined {
  const last = key.lastIndexOf('_');
  const middle = last > 0 ? key.lastIndexOf('_', last - 1) : -1;
  if (middle < 1) return undefined;
  if (key.indexOf('_') !== middle) {
    const compound = COMPOUND.exec(key);
    if (compound) return { resourceId: compound[1]!, task: compound[2]!, intervalMs: Number(compound[3]) };
  }
  const interval = Number.parseInt(key.slice(last + 1), 10);
  return {
    resourceId: key.slice(0, middle),
    task: key.slice(middle + 1, last),
    intervalMs: Number.isNaN(interval) ? 0 : interval,
  };
}
