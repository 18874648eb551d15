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

/** Codes in a comment `silence CODE...`, as in `# silence no-monitor` before an object of a crm text. */
function silencedBy(text: string): string[] {
  const said = /^[\s#]*silence:?\s+([a-z-]+(?:[\s,]+[a-z-]+)*)\s*$/.exec(text);
  return said ? said[1]!.split(/[\s,]+/) : [];
}

/** Collects findings, but for those that nobody wants to hear of. */
export class Findings {
  readonly all: Finding[] = [];
  private readonly silenced: ReadonlySet<string>;
  /** Element → codes that a comment in it, or in what it is in, silences. */
  private readonly quiet = new Map<Element, ReadonlySet<string>>();

  constructor(silenced: ReadonlySet<string>, configuration: Element) {
    this.silenced = silenced;
    this.listen(configuration, new Set());
  }

  private listen(element: Element, inherited: ReadonlySet<string>): void {
    const own = element.children.flatMap((child) => (child.kind === 'comment' ? silencedBy(child.text) : []));
    const codes = own.length === 0 ? inherited : new Set([...inherited, ...own]);
    if (codes.size > 0) this.quiet.set(element, codes);
    for (const child of element.elements()) this.listen(child, codes);
  }

  add(severity: Severity, code: string, element: Element | undefined, message: string): void {
    if (this.silenced.has(code) || (element && this.quiet.get(element)?.has(code))) return;
    const id = element?.attributes.get('id');
    this.all.push({ code, severity, id, position: element?.position, message });
  }
}
