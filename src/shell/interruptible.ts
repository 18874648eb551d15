import type { Connection, ConnectionError, Outcome } from '../connection/connection.js';

const INTERRUPTED: ConnectionError = { kind: 'interrupted', message: 'interrupted' };

/** The outcome, or that the person no longer waits for it; what was sent is not taken back. */
function unlessAborted<T>(outcome: Promise<Outcome<T>>, signal: AbortSignal): Promise<Outcome<T>> {
  return new Promise((resolve, reject) => {
    const abort = (): void => resolve({ ok: false, error: INTERRUPTED });
    if (signal.aborted) return abort();
    signal.addEventListener('abort', abort);
    outcome.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}

/**
 * The same connection, whose answers are waited for only until the person interrupts.
 *
 * @param interrupted what says so to what is asked now
 */
export function interruptible(connection: Connection, interrupted: () => AbortSignal): Connection {
  return {
    target: connection.target,
    closed: connection.closed,
    readCib: () => unlessAborted(connection.readCib(), interrupted()),
    commit: (before, after, options) =>
      unlessAborted(connection.commit(before, after, options), interrupted()),
    state: () => unlessAborted(connection.state(), interrupted()),
    call: (method, params) => unlessAborted(connection.call(method, params), interrupted()),
    async subscribe(topics, listener) {
      const subscribing = connection.subscribe(topics, listener);
      const subscribed = await unlessAborted(subscribing, interrupted());
      if (!subscribed.ok && subscribed.error.kind === 'interrupted') {
        void subscribing.then((late) => late.ok && late.value());
      }
      return subscribed;
    },
    close: () => connection.close(),
  };
}
