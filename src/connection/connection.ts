import type { Element } from '../cib/element.js';
import type {
  CibVersion,
  ClusterState,
  ErrorAnswer,
  Method,
  Notification,
  Params,
  Result,
  Topic,
} from '../protocol/messages.js';

export type Outcome<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: ConnectionError };

/** The world's failure, with what to do about it. `message` is one line for people. */
export interface ConnectionError {
  readonly kind:
    | 'unreachable'
    | 'authentication'
    | 'host-key-unknown'
    | 'host-key-changed'
    | 'no-agent'
    | 'closed'
    /** Nobody waits for it any more. */
    | 'interrupted'
    | 'refused'
    | 'unsupported';
  readonly message: string;
  /** What the agent answered, for `refused`. */
  readonly answer?: ErrorAnswer;
}

/** What makes machines a cluster: our agent, or Corosync with Pacemaker. */
export type Engine = 'agent' | 'pacemaker';

/** What the connection leads to, for the prompt (`crm(live/n1)`). */
export interface Target {
  readonly kind: 'agent' | 'pacemaker' | 'file';
  /** Node name, or the file's path. */
  readonly name: string;
  /** `null` for a local socket or a file. */
  readonly host: string | null;
}

/**
 * One interface to a cluster, however it is reached: local socket, SSH, a real Pacemaker, a CIB file.
 * Nothing throws for the world's failures; every call says what became of it.
 */
export interface Connection {
  readonly target: Target;
  /** The whole CIB; the caller owns the returned tree. */
  readCib(): Promise<Outcome<Element>>;
  /**
   * Sends the difference from `before` to `after`. Refused (`answer.code === 'conflict'`) when the cluster's CIB no
   * longer has what the difference was made from, unless `force`.
   */
  commit(
    before: Element,
    after: Element,
    options?: { force?: boolean; command?: string },
  ): Promise<Outcome<CibVersion>>;
  /** Membership and quorum; `unsupported` on a file. */
  state(): Promise<Outcome<ClusterState>>;
  /** Any method of the agent's protocol; `unsupported` where the target has no such thing. */
  call<M extends Method>(method: M, params: Params<M>): Promise<Outcome<Result<M>>>;
  /** Calls `listener` for every notification until the returned function is called or the connection closes. */
  subscribe(
    topics: readonly Topic[],
    listener: (notification: Notification) => void,
  ): Promise<Outcome<() => void>>;
  /** Resolves when the connection is lost or closed, with the reason where it was lost. */
  readonly closed: Promise<ConnectionError | null>;
  close(): Promise<void>;
}
