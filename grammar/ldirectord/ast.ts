/** What an ldirectord.cf says, with places. Plain data, free of the parser; `check.ts` says what it should not say. */

/** Where a piece of text stands; line and column count from 1, `length` is in characters on that line. */
export interface Place {
  readonly line: number;
  readonly column: number;
  readonly length: number;
}

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

/** One mistake of the operator. ldirectord does not start with an `error`, or does not do what it was made for. */
export interface Mistake {
  readonly severity: 'error' | 'warning';
  /** Stable; tests go by it. */
  readonly code: string;
  readonly message: string;
  readonly fix?: string;
  readonly place: Place;
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
