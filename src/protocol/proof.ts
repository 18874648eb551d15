/**
 * The client's half of proving who it is (HTCondor's FS method): the agent names a fresh path below its run directory,
 * the client makes a directory of mode 0700 there, and its owner tells the agent the uid.
 *
 * Over SSH the directory is made on the agent's host, by the account that SSH has authenticated.
 */
import { mkdirSync, rmdirSync } from 'node:fs';
import { type Methods, type Notification, PROTOCOL_VERSION, type Result } from './messages.js';
import type { CallOutcome, RequestClient } from './ndjson.js';

export interface IntroduceOptions {
  /** The program's name, for the agent's log. */
  readonly program: string;
  /**
   * Makes a directory of mode 0700 at `path` on the agent's host. Default: on this machine.
   * A failure may be thrown; it is then the agent that refuses. A text that it resolves to is where the person sits,
   * as that host sees it.
   */
  readonly makeDirectory?: (path: string) => unknown;
}

/** Says hello and proves the caller's identity. The first thing to do on a connection to an agent. */
export async function introduce(
  client: RequestClient<Methods, Notification>,
  options: IntroduceOptions,
): Promise<CallOutcome<Result<'hello'>>> {
  const hello = await client.call('hello', { protocol: PROTOCOL_VERSION, program: options.program });
  if (!hello.ok || hello.value.challenge === undefined) return hello;
  const path = hello.value.challenge;
  const local = options.makeDirectory === undefined;
  let said: unknown;
  try {
    if (options.makeDirectory) said = await options.makeDirectory(path);
    else mkdirSync(path, { mode: 0o700 });
  } catch {
    // The agent sees that nothing is there and answers with the reason.
  }
  const proof = await client.call('prove', typeof said === 'string' && said !== '' ? { origin: said } : {});
  if (!proof.ok) {
    if (local) removeQuietly(path);
    return proof;
  }
  return { ok: true, value: { ...hello.value, identity: proof.value.identity } };
}

function removeQuietly(path: string): void {
  try {
    rmdirSync(path);
  } catch {
    // The agent removes what it has judged; there is nothing left to do.
  }
}
