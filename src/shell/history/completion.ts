import type { Completion, CompletionRequest } from '../command.js';
import { formatTime } from './timeline.js';
import { pastTransitions, transitionName } from './transitions.js';
import { viewOf } from './view.js';

/** Names of transitions, the newest first, with their times and reasons. */
export async function completeInput({ session }: CompletionRequest): Promise<readonly Completion[]> {
  const { source } = viewOf(session);
  const events = await source.events(0);
  const known = pastTransitions(events ?? [], await source.inputs());
  return [
    { text: 'live', kind: 'keyword' },
    ...known.reverse().map(
      (transition): Completion => ({
        text: transitionName(transition),
        kind: 'value',
        summary: `${formatTime(transition.startMs)} ${transition.reason}`.trim(),
      }),
    ),
  ];
}
