/** Pacemaker's transition keys: which action of which transition of which DC a result belongs to. */
export interface TransitionKey {
  readonly action: number;
  readonly transition: number;
  readonly targetRc: number;
  readonly uuid: string;
}

/** `ACTION:TRANSITION:TARGET-RC:UUID`, the uuid padded to 36 characters as Pacemaker does. */
export function formatTransitionKey(key: TransitionKey): string {
  return `${key.action}:${key.transition}:${key.targetRc}:${key.uuid.padEnd(36)}`;
}

/** Null where the text is no such key. */
export function parseTransitionKey(text: string): TransitionKey | null {
  const match = /^(-?\d+):(-?\d+):(-?\d+):(\S+)/.exec(text);
  if (!match) return null;
  return {
    action: Number(match[1]),
    transition: Number(match[2]),
    targetRc: Number(match[3]),
    uuid: match[4]!,
  };
}
