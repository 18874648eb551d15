/** Why something could not be done over SSH. `message` is one line that also says what to do. */
export interface SshError {
  readonly kind: /** No such name, nobody listening, no route, no answer in time. */
    | 'unreachable'
    /** Nothing in known_hosts about this host, and nobody to ask. */
    | 'host-key-unknown'
    /** known_hosts has another key of this host. */
    | 'host-key-changed'
    | 'host-key-revoked'
    /** The host takes none of our keys and answers. */
    | 'authentication'
    /** The host speaks no SSH that we speak, or ssh_config cannot be read. */
    | 'protocol'
    /** The session ended while it was in use. */
    | 'closed'
    /** Nobody waits for it any more. */
    | 'interrupted'
    /** What was asked for is not there on the host (a socket, a command). */
    | 'not-found'
    | 'timeout';
  readonly message: string;
  /** As the operator named it. */
  readonly host: string;
}

export type SshOutcome<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: SshError };

/** `host`, or `host (address port N)` where the name alone does not say where. */
export function placeText(host: string, hostName: string, port: number): string {
  if (hostName === host) return port === 22 ? host : `${host} port ${port}`;
  return `${host} (${hostName}${port === 22 ? '' : ` port ${port}`})`;
}
