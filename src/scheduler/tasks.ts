/** Tasks of collections and what they are called when done. */
const COMPLETIONS: Readonly<Record<string, string>> = {
  stop: 'stopped',
  start: 'running',
  notify: 'notified',
  promote: 'promoted',
  demote: 'demoted',
};
const BEGINNINGS: Readonly<Record<string, string>> = {
  stopped: 'stop',
  running: 'start',
  promoted: 'promote',
  demoted: 'demote',
};

/** The completion of a task, or the task itself where it is one already; undefined for other tasks. */
export function completionOf(task: string): string | undefined {
  return COMPLETIONS[task] ?? (task === 'notified' || BEGINNINGS[task] ? task : undefined);
}

const KNOWN = new Set([
  ...Object.keys(COMPLETIONS),
  ...Object.values(COMPLETIONS),
  'monitor',
  'do_shutdown',
  'stonith',
]);

/**
 * What a member does where a collection's task is given: primitives have no completions. Tasks that collections do
 * not sum up (migrations, cancellations) become `no_action`.
 */
export function memberTask(task: string, memberIsPrimitive: boolean): string {
  if (!KNOWN.has(task)) return 'no_action';
  return (memberIsPrimitive && BEGINNINGS[task]) || task;
}
