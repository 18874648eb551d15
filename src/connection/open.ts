import { type Prompt, remembering } from '../ssh/prompt.js';
import type { Connection, ConnectionError, Engine, Outcome } from './connection.js';

export { type Prompt, remembering };

export interface OpenOptions {
  /** Name of the program, for the agent's log. */
  readonly program: string;
  /**
   * `[user@]host` as with `crm -H`, tried in this order until one answers. Empty or absent: the file that `CIB_file`
   * names, else the agent of this machine.
   */
  readonly hosts?: readonly string[];
  /** A CIB file; default is the environment's `CIB_file`. `null`: none, whatever the environment says. */
  readonly file?: string | null;
  /** The local agent's socket. Default: below `QUORATE_ROOT`. */
  readonly socketPath?: string;
  /** Asks for passphrases and passwords. Default: nobody is asked. */
  readonly prompt?: Prompt;
  /** Instead of ~/.ssh/config and /etc/ssh/ssh_config. */
  readonly configFile?: string;
  /** The agent's socket on hosts reached by SSH. Default: /run/quorate/quorated.sock. */
  readonly remoteSocketPath?: string;
  /** Milliseconds until a host counts as unreachable. Default 10,000, or ssh_config's ConnectTimeout. */
  readonly connectTimeoutMs?: number;
  /** What is meant to run there; default: what `QUORATE_ENGINE` says, else what is found. */
  readonly engine?: Engine;
  /** Silence on an SSH session after which the other side is asked whether it is there. Default 10,000 ms. */
  readonly keepaliveMs?: number;
  readonly environment?: NodeJS.ProcessEnv;
  /** Aborted when nobody waits for the connection any more; one that is open is not touched by it. */
  readonly signal?: AbortSignal;
}

/** Opens a connection to a cluster; where it leads is decided by the options and the environment. */
export async function openConnection(given: OpenOptions): Promise<Outcome<Connection>> {
  const environment = given.environment ?? process.env;
  const wanted = environment.QUORATE_ENGINE;
  const options: OpenOptions =
    given.engine === undefined && (wanted === 'agent' || wanted === 'pacemaker')
      ? { ...given, engine: wanted }
      : given;
  if (options.hosts && options.hosts.length > 0) return openHosts(options, options.hosts);
  const file = options.file === undefined ? environment.CIB_file : options.file;
  if (file) {
    const { openFile } = await import('./file.js');
    return openFile(file);
  }
  const { openLocal } = await import('./local.js');
  return openLocal({
    program: options.program,
    ...(options.socketPath === undefined ? {} : { socketPath: options.socketPath }),
    ...(options.engine === undefined ? {} : { engine: options.engine }),
  });
}

/** The first host that answers; where none does, what each of them said. */
async function openHosts(options: OpenOptions, hosts: readonly string[]): Promise<Outcome<Connection>> {
  const { openSsh } = await import('./ssh.js');
  const errors: ConnectionError[] = [];
  for (const host of hosts) {
    const outcome = await openSsh(host, options);
    if (outcome.ok) return outcome;
    errors.push(outcome.error);
    // A host key that has changed may be an attack: nothing else is tried behind the operator's back.
    if (outcome.error.kind === 'host-key-changed' || options.signal?.aborted) break;
  }
  const [first] = errors;
  if (errors.length === 1) return { ok: false, error: first! };
  return { ok: false, error: { ...first!, message: errors.map((error) => error.message).join('\n') } };
}
