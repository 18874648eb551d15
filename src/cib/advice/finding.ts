import type { Element, Position } from '../element.js';

export type Severity = 'error' | 'warning' | 'advice';

/** One thing to think about in a configuration that the schema finds nothing wrong with. */
export interface Finding {
  /** Stable: people silence findings by it. */
  readonly code: string;
  readonly severity: Severity;
  /** Id of the object that it is about; undefined: the cluster as a whole. */
  readonly id: string | undefined;
  readonly position: Position | undefined;
  readonly message: string;
}

/** An agent's own word on what it takes and how long it needs. */
export interface AgentFacts {
  readonly parameters: ReadonlyMap<string, { readonly required: boolean }>;
  /** Advertised operations with their timeouts in milliseconds. */
  readonly actions: readonly { readonly name: string; readonly timeoutMs: number | undefined }[];
}

/** Looks an agent up; undefined where nothing is known about it. */
export type AgentLookup = (
  agentClass: string,
  provider: string | undefined,
  type: string,
) => AgentFacts | undefined;

/** Collects findings. */
export class Findings {
  readonly all: Finding[] = [];
  private readonly silenced: ReadonlySet<string>;

  constructor(silenced: ReadonlySet<string>) {
    this.silenced = silenced;
  }

  add(severity: Severity, code: string, element: Element | undefined, message: string): void {
    if (this.silenced.has(code)) return;
    const id = element?.attributes.get('id');
    this.all.push({ code, severity, id, position: element?.position, message });
  }
}
