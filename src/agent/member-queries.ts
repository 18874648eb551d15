import type { ClusterEvent, NodeLoad, SchedulerInput } from '../protocol/messages.js';
import type { EventLog } from './events.js';
import { loadOf, logLines } from './host.js';
import type { SchedulerInputs } from './scheduler-inputs.js';

/** How long the others are waited for. */
const TIMEOUT_MS = 3000;
/** A scheduler input may be many megabytes. */
const INPUT_TIMEOUT_MS = 20_000;

/** What the host of one member asks of another's, beside what belongs to fencing. */
type MemberQuery =
  | { readonly kind: 'events'; readonly sinceMs: number; readonly limit: number }
  | { readonly kind: 'inputs' }
  | { readonly kind: 'input'; readonly name: string }
  | { readonly kind: 'load' }
  | { readonly kind: 'log'; readonly about: string; readonly limit: number }
  | { readonly kind: 'reload' };

export interface MemberQueriesOptions {
  readonly localNode: string;
  /** Names of the other members of the view. */
  readonly others: () => readonly string[];
  /** Null where the node does not answer in time. */
  readonly ask: (node: string, query: unknown, timeoutMs: number) => Promise<unknown>;
  readonly events: EventLog;
  readonly inputs: SchedulerInputs;
  readonly logPath: string;
  /** Reads this node's configuration anew; what is wrong with it, else null. */
  readonly reload: () => string | null;
}

/** What is known on all members together: each tells of itself. A member that does not answer in time is left out. */
export class MemberQueries {
  readonly #options: MemberQueriesOptions;

  constructor(options: MemberQueriesOptions) {
    this.#options = options;
  }

  /** Events of all members, oldest first. */
  async eventsOfAll(sinceMs: number, limit: number): Promise<ClusterEvent[]> {
    const others = await this.#askOthers<ClusterEvent[]>({ kind: 'events', sinceMs, limit });
    const all = [...others.flatMap(({ answer }) => answer), ...this.#options.events.since(sinceMs, limit)];
    return all.sort((a, b) => a.atMs - b.atMs).slice(-limit);
  }

  /** The scheduler inputs that all members keep. */
  async inputsOfAll(): Promise<SchedulerInput[]> {
    const others = await this.#askOthers<SchedulerInput[]>({ kind: 'inputs' }, INPUT_TIMEOUT_MS);
    return [...this.#options.inputs.list(), ...others.flatMap(({ answer }) => answer)];
  }

  /** A scheduler input as XML, of this node or another; null where it is not to be had. */
  async inputOf(name: string, node: string): Promise<string | null> {
    const { localNode, inputs, ask } = this.#options;
    if (node === localNode) return inputs.read(name);
    return (await ask(node, { kind: 'input', name }, INPUT_TIMEOUT_MS)) as string | null;
  }

  /** How busy the machines of all members are. */
  async loadOfAll(): Promise<NodeLoad[]> {
    const others = await this.#askOthers<NodeLoad>({ kind: 'load' });
    return [loadOf(this.#options.localNode), ...others.map(({ answer }) => answer)];
  }

  /** What the logs of all members say about something. */
  async logOfAll(about: string, limit: number): Promise<{ node: string; lines: string[] }[]> {
    const { localNode, logPath } = this.#options;
    const here = { node: localNode, lines: await logLines(logPath, about, limit) };
    const others = await this.#askOthers<string[]>({ kind: 'log', about, limit });
    return [here, ...others.map(({ node, answer }) => ({ node, lines: answer }))];
  }

  /** Has every member read its configuration anew; who could not, and why. This node does so last. */
  async reloadAll(): Promise<{ node: string; message: string }[]> {
    const { localNode, others, ask, reload } = this.#options;
    const complaints = await Promise.all(
      others().map(async (node) => {
        const answer = (await ask(node, { kind: 'reload' }, TIMEOUT_MS)) as {
          complaint: string | null;
        } | null;
        const message = answer ? answer.complaint : 'it has not answered in time';
        return message === null ? [] : [{ node, message }];
      }),
    );
    const own = reload();
    return [...complaints.flat(), ...(own === null ? [] : [{ node: localNode, message: own }])];
  }

  /** Answers another member; null to what a newer version asks that is not known here. */
  async answer(query: unknown): Promise<unknown> {
    const { localNode, events, inputs, logPath, reload } = this.#options;
    const known = query as MemberQuery;
    switch (known.kind) {
      case 'events':
        return events.since(known.sinceMs, known.limit);
      case 'inputs':
        return inputs.list();
      case 'input':
        return inputs.read(known.name);
      case 'load':
        return loadOf(localNode);
      case 'log':
        return logLines(logPath, known.about, known.limit);
      case 'reload':
        return { complaint: reload() };
      default:
        return null;
    }
  }

  async #askOthers<Answer>(
    query: MemberQuery,
    timeoutMs = TIMEOUT_MS,
  ): Promise<{ node: string; answer: Answer }[]> {
    const { others, ask } = this.#options;
    const answers = await Promise.all(
      others().map(async (node) => ({ node, answer: (await ask(node, query, timeoutMs)) as Answer | null })),
    );
    return answers.flatMap(({ node, answer }) => (answer === null ? [] : [{ node, answer }]));
  }
}
