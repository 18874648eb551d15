import type { CorosyncFile } from '../../../grammar/corosync/ast.js';
import type { Statement } from '../../../grammar/crm/ast.js';
import type { AuthKeys, HaCf, ResourceGroup } from '../../../grammar/heartbeat/ast.js';

/** Heartbeat's three files, without mistakes that would keep Heartbeat from starting. */
export interface HeartbeatFiles {
  readonly haCf: HaCf;
  readonly authKeys: AuthKeys;
  readonly groups: readonly ResourceGroup[];
}

export interface InterfaceAddress {
  readonly device: string;
  readonly address: string;
  /** Bits of the network's part. */
  readonly prefix: number;
}

/** What the files leave to the machines. */
export interface MachineFacts {
  /** Interfaces of the nodes that could be looked at, by node name in lower case. */
  readonly interfaces: ReadonlyMap<string, readonly InterfaceAddress[]>;
  /** What a node's name resolves to (hosts file, DNS), by node name in lower case. */
  readonly resolved: ReadonlyMap<string, readonly string[]>;
  /** Executables of `/etc/ha.d/resource.d`. */
  readonly resourceScripts: ReadonlySet<string>;
  /** Executables of `/etc/init.d`. */
  readonly initScripts: ReadonlySet<string>;
  /**
   * Init scripts whose `status` exits with 0 on every node, though at most one runs the service: the script does not
   * look. `silent` where what it prints is not `running` or `OK` either, which is what Heartbeat went by.
   */
  readonly blindScripts: ReadonlyMap<string, 'silent' | 'running'>;
  /** Agents of `ocf:heartbeat`. */
  readonly ocfAgents: ReadonlySet<string>;
}

/** What became of something in the files. */
export type Outcome =
  /** It is there, and means the same. */
  | 'kept'
  /** It is there, and means something slightly different; the text says what. */
  | 'changed'
  /** It has no counterpart that is needed. */
  | 'dropped'
  /** Somebody must do something. */
  | 'todo';

export interface Note {
  readonly outcome: Outcome;
  /** As it is written: `deadtime 30`, `drbddisk::drbd0`. */
  readonly what: string;
  readonly text: string;
  /** `ha.cf:3`; absent where it is about all of them. */
  readonly where?: string;
}

export interface Conversion {
  readonly corosync: CorosyncFile;
  readonly nodes: readonly { readonly name: string; readonly addresses: readonly string[] }[];
  /** The configuration, in the order in which it is shown. */
  readonly statements: readonly Statement[];
  readonly notes: readonly Note[];
  /** Why it cannot be done; then the rest is not to be used. */
  readonly obstacles: readonly string[];
}
