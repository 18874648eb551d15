/**
 * What Heartbeat's three files say (`ha.cf`, `authkeys`, `haresources`), with places. Plain data, free of the parser.
 * What the words mean is not in here: directives are checked by `ha-cf.ts`, keys by `authkeys.ts`, resources by
 * `haresources.ts`. Heartbeat does not start with a mistake that is an `error`; a `warning` is what should not stay so.
 */
import type { Mistake, Place } from '../place.js';

export type { Mistake, Place } from '../place.js';

export interface Word {
  readonly text: string;
  readonly place: Place;
}

/** A line that says something: its words; continuation lines (haresources) are one line. */
export interface Line {
  readonly words: readonly [Word, ...Word[]];
}

/** `keepalive 2`: a line of ha.cf. */
export interface Directive {
  readonly name: string;
  readonly values: readonly Word[];
  readonly place: Place;
}

/** Seconds in Heartbeat's notation (`2`, `1.7`, `1500ms`), in ms. */
export interface Timing {
  readonly keepaliveMs?: number;
  readonly deadtimeMs?: number;
  readonly warntimeMs?: number;
  readonly initdeadMs?: number;
  readonly deadpingMs?: number;
}

/** One path on which the nodes hear each other. */
export type Medium =
  | { readonly kind: 'bcast'; readonly device: string; readonly port: number; readonly place: Place }
  | {
      readonly kind: 'ucast';
      readonly device: string;
      readonly address: string;
      readonly port: number;
      readonly place: Place;
    }
  | {
      readonly kind: 'mcast';
      readonly device: string;
      readonly group: string;
      readonly port: number;
      readonly place: Place;
    }
  | { readonly kind: 'serial'; readonly device: string; readonly place: Place };

/** A host outside of the cluster that tells a node whether its network works. */
export interface PingTarget {
  /** `ping_group`'s name; a plain `ping` host has none. */
  readonly group?: string;
  readonly hosts: readonly string[];
  readonly place: Place;
}

export interface Respawn {
  readonly user: string;
  readonly program: string;
  readonly args: readonly string[];
  readonly place: Place;
}

/** A ha.cf, understood. */
export interface HaCf {
  readonly nodes: readonly Word[];
  readonly autojoin: 'none' | 'other' | 'any';
  readonly timing: Timing;
  readonly media: readonly Medium[];
  /** What was said with `udpport`; Heartbeat's own is 694. */
  readonly udpPort?: number;
  /** `legacy` where nothing is said, as in Heartbeat. */
  readonly autoFailback: 'on' | 'off' | 'legacy';
  readonly pings: readonly PingTarget[];
  readonly respawns: readonly Respawn[];
  /** Resources are not Heartbeat's own (haresources) but those of a CIB. */
  readonly crm: boolean;
  readonly logFile?: string;
  readonly debugFile?: string;
  /** `none` means no syslog. */
  readonly logFacility?: string;
  readonly debugLevel: number;
  /** All directives in order, the ones above too. */
  readonly directives: readonly Directive[];
}

export interface AuthKey {
  readonly id: number;
  readonly method: 'crc' | 'md5' | 'sha1';
  /** Absent with `crc`. */
  readonly secret?: string;
  readonly place: Place;
}

export interface AuthKeys {
  /** The key that packets are signed with. */
  readonly active?: AuthKey;
  readonly keys: readonly AuthKey[];
}

/** `192.168.0.222/24/eth0:1/192.168.0.255`, as the IPaddr script takes it. */
export interface ServiceAddress {
  readonly address: string;
  /** Bits of the network's part. */
  readonly prefix?: number;
  readonly device?: string;
  /** What follows the colon of `eth0:1`. */
  readonly label?: string;
  readonly broadcast?: string;
}

/** `Filesystem::/dev/drbd1::/mnt/nd0::ext3`, or an address. */
export interface HaResource {
  /** Name of the script; `IPaddr` for an address that stands alone. */
  readonly script: string;
  readonly args: readonly string[];
  /** Of `IPaddr` and `IPaddr2`. */
  readonly address?: ServiceAddress;
  readonly place: Place;
}

/** A line of haresources: resources that move together, started left to right. */
export interface ResourceGroup {
  /** The node that has them when all is well; in lower case, as Heartbeat compares it. */
  readonly node: Word;
  readonly resources: readonly HaResource[];
}

/** `FILE:LINE:COLUMN: MESSAGE`, the line with a caret below, and what to do. */
export function formatMistake(mistake: Mistake, text: string, file: string): string {
  const { line, column, length } = mistake.place;
  const source = (text.split('\n')[line - 1] ?? '').replace(/\r$/, '');
  const pad = source.slice(0, column - 1).replace(/[^\t]/g, ' ');
  const carets = '^'.repeat(Math.max(1, Math.min(length, source.length - column + 1)));
  const lines = [`${file}:${line}:${column}: ${mistake.message}`, `  ${source}`, `  ${pad}${carets}`];
  if (mistake.fix !== undefined) lines.push(`  ${mistake.fix}`);
  return lines.join('\n');
}
