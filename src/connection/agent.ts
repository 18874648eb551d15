import type { Duplex } from 'node:stream';
import type { Element } from '../cib/element.js';
import { writeVersion } from '../cib/version.js';
import { parseXml } from '../cib/xml.js';
import type {
  CibVersion,
  ClusterState,
  Method,
  Methods,
  Notification,
  Params,
  Result,
  Topic,
} from '../protocol/messages.js';
import { type CallOutcome, RequestClient } from '../protocol/ndjson.js';
import { type IntroduceOptions, introduce } from '../protocol/proof.js';
import type { Connection, ConnectionError, Outcome, Target } from './connection.js';

/** An agent that says nothing for so long to `hello` is taken for hung. */
const HELLO_TIMEOUT_MS = 10_000;

export interface AgentStreamOptions extends IntroduceOptions {
  /** Host name for messages and the prompt; null for this machine. */
  readonly host: string | null;
  /** Ends what carries the stream (the SSH session). */
  readonly release?: () => void;
  /** Why the stream ended, where its carrier knows more than the stream does. */
  readonly lost?: () => ConnectionError | null;
}

/** Says hello on a fresh stream to an agent and proves who is asking. */
export async function connectAgent(
  stream: Duplex,
  options: AgentStreamOptions,
): Promise<Outcome<AgentConnection>> {
  const listeners = new Set<(notification: Notification) => void>();
  const client = new RequestClient<Methods, Notification>(stream, (notification) => {
    for (const listener of listeners) listener(notification);
  });
  const place = options.host === null ? 'the agent on this host' : `the agent on ${options.host}`;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<'late'>((resolve) => {
    timer = setTimeout(() => resolve('late'), HELLO_TIMEOUT_MS);
  });
  const hello = await Promise.race([introduce(client, options), late]);
  clearTimeout(timer);
  if (hello === 'late' || !hello.ok) {
    client.close();
    stream.destroy();
    options.release?.();
    const error: ConnectionError =
      hello === 'late'
        ? { kind: 'no-agent', message: `${place} does not answer: restart it with 'crm cluster restart'` }
        : (failure(hello, place, options.lost) ?? {
            kind: 'no-agent',
            message: `${place} ended the connection`,
          });
    return { ok: false, error };
  }
  const target: Target = { kind: 'agent', name: hello.value.node, host: options.host };
  return { ok: true, value: new AgentConnection(client, target, place, listeners, hello.value, options) };
}

function failure(
  outcome: CallOutcome<unknown>,
  place: string,
  lost?: () => ConnectionError | null,
): ConnectionError | undefined {
  if (outcome.ok) return undefined;
  if (outcome.error === null) {
    const reason = lost?.() ?? null;
    if (reason) return reason;
    const why = 'lost' in outcome && outcome.lost ? `: ${outcome.lost.message}` : '';
    return {
      kind: 'closed',
      message: `the connection to ${place.replace(/^the agent on /, '')} was lost${why}`,
    };
  }
  if (outcome.error.code === 'unknown-method') {
    return {
      kind: 'unsupported',
      message: `${place} cannot do this: ${outcome.error.message}`,
      answer: outcome.error,
    };
  }
  return { kind: 'refused', message: outcome.error.message, answer: outcome.error };
}

/** An agent that hangs is not waited for any longer when the connection is closed. */
const CLOSE_MS = 1000;

/** A connection to a running agent, over whatever stream leads there. */
export class AgentConnection implements Connection {
  readonly target: Target;
  readonly closed: Promise<ConnectionError | null>;
  /** What the agent said of itself and of us. */
  readonly hello: Result<'hello'>;
  readonly #client: RequestClient<Methods, Notification>;
  readonly #place: string;
  readonly #listeners: Set<(notification: Notification) => void>;
  readonly #topics = new Set<Topic>();
  readonly #options: AgentStreamOptions;
  #closing = false;

  constructor(
    client: RequestClient<Methods, Notification>,
    target: Target,
    place: string,
    listeners: Set<(notification: Notification) => void>,
    hello: Result<'hello'>,
    options: AgentStreamOptions,
  ) {
    this.#client = client;
    this.target = target;
    this.#place = place;
    this.#listeners = listeners;
    this.hello = hello;
    this.#options = options;
    this.closed = client.closed.then((end) => {
      options.release?.();
      if (this.#closing) return null;
      return failure({ ok: false, error: null, lost: end }, place, options.lost) ?? null;
    });
  }

  async readCib(): Promise<Outcome<Element>> {
    const answer = await this.call('cib.read', {});
    if (!answer.ok) return answer;
    const cib = parseXml(answer.value.cib);
    // Whom ACLs keep from the root element still has to say what his changes were made from.
    if (cib.get('epoch') === undefined) writeVersion(cib, answer.value.version);
    return { ok: true, value: cib };
  }

  async commit(
    before: Element,
    after: Element,
    options: { force?: boolean; command?: string } = {},
  ): Promise<Outcome<CibVersion>> {
    const { commitChange } = await import('./patch.js');
    return commitChange(before, after, options, async (params) => {
      const answer = await this.call('cib.patch', params);
      return answer.ok ? { ok: true, value: answer.value.version } : answer;
    });
  }

  state(): Promise<Outcome<ClusterState>> {
    return this.call('cluster.state', {});
  }

  async call<M extends Method>(method: M, params: Params<M>): Promise<Outcome<Result<M>>> {
    const outcome = await this.#client.call(method, params);
    if (outcome.ok) return { ok: true, value: outcome.value as Result<M> };
    return { ok: false, error: failure(outcome, this.#place, this.#options.lost)! };
  }

  async subscribe(
    topics: readonly Topic[],
    listener: (notification: Notification) => void,
  ): Promise<Outcome<() => void>> {
    const filtered = (notification: Notification): void => {
      if (topics.includes(notification.notify)) listener(notification);
    };
    // Before the request, or a notification that follows the answer at once would be missed.
    this.#listeners.add(filtered);
    const wanted = topics.filter((topic) => !this.#topics.has(topic));
    if (wanted.length > 0) {
      const answer = await this.call('subscribe', { topics: [...this.#topics, ...wanted] });
      if (!answer.ok) {
        this.#listeners.delete(filtered);
        return answer;
      }
      for (const topic of wanted) this.#topics.add(topic);
    }
    return { ok: true, value: () => void this.#listeners.delete(filtered) };
  }

  async close(): Promise<void> {
    this.#closing = true;
    this.#client.close(CLOSE_MS);
    await this.closed;
  }
}
