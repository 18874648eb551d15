import type { Element } from '../cib/element.js';
import { parseXml } from '../cib/xml.js';

/** A parameter of an agent, as its meta-data describes it. */
export interface AgentParameter {
  readonly name: string;
  readonly required: boolean;
  /** Two resources must not have the same value. */
  readonly unique: boolean;
  /** `string`, `integer`, `boolean`, `select`, ... */
  readonly type: string;
  readonly default: string | null;
  readonly shortdesc: string;
  readonly longdesc: string;
  /** The values of a `select`. */
  readonly choices: readonly string[];
  readonly deprecated: boolean;
}

/** An operation that the agent offers, with what it advises. Attributes as written: timeout, interval, depth, role. */
export interface AgentAction {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
}

export interface AgentMetadata {
  readonly name: string;
  readonly shortdesc: string;
  readonly longdesc: string;
  readonly parameters: readonly AgentParameter[];
  readonly actions: readonly AgentAction[];
}

/** Reads an agent's meta-data; null where it is not XML of that kind. */
export function parseMetadata(text: string): AgentMetadata | null {
  let root: Element;
  try {
    // A DOCTYPE names a file that nobody has; it says nothing that is needed.
    root = parseXml(text.replace(/<!DOCTYPE[^>[]*(\[[^\]]*\])?[^>]*>/, '').trim());
  } catch {
    return null;
  }
  if (root.name !== 'resource-agent') return null;
  return {
    name: root.get('name') ?? '',
    shortdesc: root.get('shortdesc') ?? description(root, 'shortdesc'),
    longdesc: description(root, 'longdesc'),
    parameters: (root.first('parameters')?.elements('parameter') ?? []).map(readParameter),
    actions: (root.first('actions')?.elements('action') ?? []).map((action) => ({
      name: action.get('name') ?? '',
      attributes: Object.fromEntries([...action.attributes].filter(([name]) => name !== 'name')),
    })),
  };
}

function readParameter(element: Element): AgentParameter {
  const content = element.first('content');
  return {
    name: element.get('name') ?? '',
    required: element.get('required') === '1',
    unique: element.get('unique') === '1' || element.get('unique-group') !== undefined,
    type: content?.get('type') ?? 'string',
    default: content?.get('default') ?? null,
    shortdesc: description(element, 'shortdesc'),
    longdesc: description(element, 'longdesc'),
    choices: content?.elements('option').flatMap((option) => option.get('value') ?? []) ?? [],
    deprecated: element.first('deprecated') !== undefined || element.get('deprecated') === '1',
  };
}

/** The English text, else the first one. */
function description(element: Element, name: string): string {
  const all = element.elements(name);
  const chosen = all.find((candidate) => (candidate.get('lang') ?? 'en').startsWith('en')) ?? all[0];
  return (chosen?.children ?? [])
    .map((child) => (child.kind === 'text' ? child.text : ''))
    .join('')
    .trim();
}

const DEFAULT_TIMEOUT = '20s';

/** As `crm ra info` shows an agent. `spec` is `ocf:heartbeat:Dummy`. */
export function formatMetadata(metadata: AgentMetadata, spec: string): string {
  const lines = [metadata.shortdesc === '' ? spec : `${metadata.shortdesc} (${spec})`, ''];
  if (metadata.longdesc !== '') lines.push(metadata.longdesc, '');
  if (metadata.parameters.length > 0) {
    lines.push('Parameters (*: required, []: default):', '');
    for (const parameter of metadata.parameters) lines.push(...formatParameter(parameter), '');
  }
  const shown = metadata.actions.filter(({ name }) => !['meta-data', 'validate-all'].includes(name));
  if (shown.length > 0) {
    lines.push("Operations' defaults (advisory minimum):", '');
    for (const action of shown) lines.push(`    ${formatAction(action)}`);
  }
  return `${lines.join('\n').trimEnd()}\n`;
}

/** One parameter, with its long description indented below. */
export function formatParameter(parameter: AgentParameter): string[] {
  const { name, required, type, shortdesc, longdesc } = parameter;
  const star = required ? '*' : '';
  const value = parameter.default === null ? '' : `, [${parameter.default}]`;
  const lines = [`${name}${star} (${type}${value}): ${shortdesc === longdesc ? '' : shortdesc}`];
  for (const line of longdesc.split('\n')) lines.push(line.trim() === '' ? '' : `    ${line.trimEnd()}`);
  if (longdesc === '') lines.pop();
  return lines;
}

function formatAction({ name, attributes }: AgentAction): string {
  const role = attributes.role === undefined ? '' : `_${attributes.role}`;
  const { timeout = DEFAULT_TIMEOUT, role: _, ...rest } = attributes;
  const words = [`timeout=${withUnit(timeout)}`];
  for (const [key, value] of Object.entries(rest)) {
    words.push(`${key}=${key === 'interval' || key === 'start-delay' ? withUnit(value) : value}`);
  }
  return `${`${name}${role}`.padEnd(13)} ${words.join(' ')}`;
}

function withUnit(time: string): string {
  return /^\d+$/.test(time) ? `${time}s` : time;
}
