import type { Element } from '../../../src/cib/element.js';
import { parseXml } from '../../../src/cib/xml.js';

/** What a tool did. */
export interface Outcome {
  readonly rc: number;
  readonly stdout: string;
  readonly stderr: string;
  /** The CIB file afterwards. */
  readonly after: string;
}

/** A line that Pacemaker's libraries log, or libxml2's words. */
const LIBRARY_LOG =
  /^\s*\(?\w+(?:@[\w.]+:\d+)?\)? ?\t?\s*(emerg|crit|error|warning|notice|info|debug|trace): /;
const PARSER = /validity error|parser error|I\/O warning|^(Entity: line|\S+:)\s*\d+: element |^\s*\^\s*$/;
/** Siblings whose order means nothing. */
const UNORDERED = new Set(['configuration', 'nodes', 'constraints', 'tags', 'tickets']);

function lines(text: string): string[] {
  const all = text.split('\n').map((line) => line.trimEnd());
  while (all.length > 0 && all.at(-1) === '') all.pop();
  return all;
}

function canonical(element: Element, unordered: boolean, depth = 0): string[] {
  const pad = '  '.repeat(depth);
  const attributes = [...element.attributes]
    .filter(([name]) => name !== 'request')
    .map(([name, value]) => ` ${name}=${JSON.stringify(value.replace(/cib-last-written="[^"]*"/g, ''))}`)
    .sort();
  const children = element.children.flatMap((child) => {
    if (child.kind === 'element') return [canonical(child, unordered, depth + 1)];
    if (child.kind === 'comment') return [[`${pad}  <!--${child.text.trim()}-->`]];
    const text = child.text.replace(/cib-last-written="[^"]*"/g, '').trim();
    return text === '' ? [] : [text.split('\n').map((line) => `${pad}  ${line.trimEnd()}`)];
  });
  if (unordered && UNORDERED.has(element.name)) {
    children.sort((a, b) => (a.join('\n') < b.join('\n') ? -1 : 1));
  }
  return [`${pad}<${element.name}${attributes.join('')}>`, ...children.flat()];
}

function output(text: string): string[] {
  const masked = text
    .replace(/(last-failure-[^ ]*(?:=|" value="))\d+/g, '$1TIME')
    .replace(/(Migration will take effect until:).*/g, '$1')
    .replace(/cib-last-written="[^"]*"/g, 'cib-last-written=""')
    .replace(/^(Pacemaker) \d+\.\d+\S*.*/gm, '$1');
  if (/^\s*<(\?xml|pacemaker-result|cib|diff)/.test(masked)) {
    try {
      return canonical(parseXml(masked), false);
    } catch {
      return lines(masked);
    }
  }
  return lines(masked);
}

const KEPT = new Set(['validate-with', 'epoch', 'num_updates', 'admin_epoch']);

function cib(text: string): string[] {
  try {
    const root = parseXml(text.replace(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d ?[Z+-][\d:]*/g, 'DATE'));
    for (const [name] of [...root.attributes]) if (!KEPT.has(name)) root.set(name, undefined);
    return canonical(root, true);
  } catch {
    return lines(text);
  }
}

function talk(text: string): string[] {
  return lines(text).filter(
    (line) =>
      !LIBRARY_LOG.test(line) && !PARSER.test(line) && !line.startsWith('Schema validation of configuration'),
  );
}

/** Lines that only one side has, with a sign in front; order counts. */
function difference(theirs: readonly string[], ours: readonly string[]): string[] {
  let from = 0;
  while (from < theirs.length && from < ours.length && theirs[from] === ours[from]) from++;
  let end = 0;
  while (
    end < theirs.length - from &&
    end < ours.length - from &&
    theirs[theirs.length - 1 - end] === ours[ours.length - 1 - end]
  ) {
    end++;
  }
  const part = (all: readonly string[], sign: string) =>
    all.slice(from, all.length - end).map((line) => sign + line);
  return [...part(theirs, '-'), ...part(ours, '+')];
}

/** How two outcomes differ; empty where they do not. */
export function compare(theirs: Outcome, ours: Outcome): string[] {
  const found: string[] = [];
  const part = (name: string, one: readonly string[], other: readonly string[]) => {
    const differing = difference(one, other);
    if (differing.length > 0) found.push(`${name}:`, ...differing.map((line) => `  ${line}`));
  };
  if (theirs.rc !== ours.rc) found.push(`exit status: -${theirs.rc} +${ours.rc}`);
  part('stdout', output(theirs.stdout), output(ours.stdout));
  part('stderr', talk(theirs.stderr), talk(ours.stderr));
  part('cib', cib(theirs.after), cib(ours.after));
  return found;
}
