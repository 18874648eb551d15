/**
 * What an ldirectord.cf says, with places. Plain data, free of the parser; `check.ts` says what it should not say.
 * ldirectord does not start with a mistake that is an `error`, or does not do what it was made for.
 */
import type { Place } from '../place.js';

export type { Mistake, Place } from '../place.js';

/** `name = value`, the value without blanks around it, quotes included. */
export interface Setting {
  readonly name: string;
  readonly value: string;
  readonly place: Place;
  /** Of the value; where it is empty, of what stands before it. */
  readonly valuePlace: Place;
}

/** `virtual = ADDRESS:PORT` and the indented lines below it. */
export interface VirtualService extends Setting {
  readonly settings: readonly Setting[];
}

export interface LdirectordFile {
  /** What counts for all services. */
  readonly globals: readonly Setting[];
  readonly services: readonly VirtualService[];
}

/** `192.168.0.1->192.168.0.4:80 gate 2 "index.html", "Test"`, in parts. */
export interface RealServer {
  readonly address: string;
  /** Last address of a range. */
  readonly to?: string;
  readonly port?: string;
  readonly method: string;
  readonly weight?: string;
  readonly request?: string;
  readonly receive?: string;
}
