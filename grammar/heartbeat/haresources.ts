import type { HaResource, Line, Mistake, ResourceGroup, ServiceAddress, Word } from './ast.js';
import { isAddress } from './ha-cf.js';
import { parseLines } from './parser.js';

export interface HaResourcesReading {
  readonly groups: readonly ResourceGroup[];
  /** In the order of the text. */
  readonly mistakes: readonly Mistake[];
}

/** Scripts whose first argument is an address with its surroundings. */
const ADDRESS_SCRIPTS: ReadonlySet<string> = new Set(['IPaddr', 'IPaddr2']);

export interface HaResourcesOptions {
  /** Nodes of ha.cf; a line for any other is a mistake. Not checked where absent. */
  readonly nodes?: readonly string[];
}

/** Reads a haresources file: one group a line, its preferred node first. */
export function readHaResources(text: string, options: HaResourcesOptions = {}): HaResourcesReading {
  const mistakes: Mistake[] = [];
  const groups = parseLines(text, 'haresources').map((line) => readGroup(line, mistakes, options));
  checkRepeats(groups, mistakes);
  checkContinuations(text, mistakes);
  mistakes.sort((a, b) => a.place.line - b.place.line || a.place.column - b.place.column);
  return { groups: groups.filter((group) => group !== null), mistakes };
}

function readGroup(
  { words: [node, ...resources] }: Line,
  mistakes: Mistake[],
  options: HaResourcesOptions,
): ResourceGroup | null {
  const error = (code: string, word: Word, message: string, fix?: string): null => {
    mistakes.push({
      severity: 'error',
      code,
      message,
      place: word.place,
      ...(fix === undefined ? {} : { fix }),
    });
    return null;
  };
  const known = options.nodes?.map((name) => name.toLowerCase());
  if (isAddress(node.text.split('/')[0]!) || node.text.includes('::')) {
    return error(
      'no-node',
      node,
      `the line begins with a resource ('${node.text}'): the preferred node is missing`,
      `write '${options.nodes?.[0] ?? 'NODE'} ${[node, ...resources].map(({ text }) => text).join(' ')}'; a line that goes on ends in '\\'`,
    );
  }
  if (known && !known.includes(node.text.toLowerCase())) {
    error(
      'unknown-node',
      node,
      `'${node.text}' is no node of ha.cf`,
      `expected ${options.nodes!.join(' or ') || "a name that a 'node' line has"}`,
    );
  }
  if (resources.length === 0) {
    return error(
      'no-resources',
      node,
      `'${node.text}' has no resources`,
      `as in: ${node.text} 10.0.0.100 httpd`,
    );
  }
  return {
    node: { ...node, text: node.text.toLowerCase() },
    // A lone backslash is a continuation that went wrong, and is reported as one.
    resources: resources
      .filter(({ text }) => text !== '\\')
      .flatMap((word) => readResource(word, error) ?? []),
  };
}

function readResource(
  word: Word,
  error: (code: string, word: Word, message: string, fix?: string) => null,
): HaResource | null {
  const bare = isAddress(word.text.split('/')[0]!);
  const [name, ...args] = bare ? ['IPaddr', word.text] : word.text.split('::');
  if (!name) {
    return error(
      'no-script',
      word,
      `'${word.text}' names no script before '::'`,
      'as in: Filesystem::/dev/sda1::/srv::ext3',
    );
  }
  if (/^\d/.test(name) && /^[\d./:]+$/.test(name)) {
    return error(
      'address',
      word,
      `'${word.text}' is no IP address`,
      'as in: 192.168.0.222/24/eth0/192.168.0.255',
    );
  }
  const single = !bare && args.length === 0 ? /^([^:]+):([^:].*)$/.exec(word.text) : null;
  if (single) {
    return error(
      'colon',
      word,
      `one ':' in '${word.text}'`,
      `arguments follow '::', write '${single[1]}::${single[2]}'`,
    );
  }
  if (!bare && args.some((arg) => arg === '')) {
    return error(
      'empty-argument',
      word,
      `an argument of '${name}' is empty`,
      "take the superfluous '::' away",
    );
  }
  const base = { script: name, args, place: word.place };
  if (!ADDRESS_SCRIPTS.has(name)) return base;
  if (args.length !== 1) {
    return error('address', word, `'${name}' takes one argument`, `as in: ${name}::192.168.0.222/24/eth0`);
  }
  const address = readServiceAddress(args[0]!);
  if (typeof address === 'string') {
    return error('address', word, address, 'as in: 192.168.0.222/24/eth0/192.168.0.255');
  }
  return { ...base, address };
}

/** `ADDRESS[/PREFIX[/DEVICE[:LABEL]][/BROADCAST]]`; a string says what is wrong. */
export function readServiceAddress(text: string): ServiceAddress | string {
  const [address = '', mask, ...rest] = text.split('/');
  if (!isAddress(address)) return `'${address}' is no IP address`;
  const found: { prefix?: number; device?: string; label?: string; broadcast?: string } = {};
  if (mask !== undefined && mask !== '') {
    const prefix = prefixOf(mask);
    if (prefix === null || prefix > (address.includes(':') ? 128 : 32)) {
      return `'${mask}' is no network mask: expected bits (24) or 255.255.255.0`;
    }
    found.prefix = prefix;
  }
  const [second, third, ...more] = rest;
  if (more.length > 0) return `'${more[0]}' is too much: expected ADDRESS/MASK/DEVICE/BROADCAST`;
  // The broadcast address may follow the mask directly.
  const device = second === undefined || isAddress(second) ? undefined : second;
  const broadcast = device === undefined ? second : third;
  if (device === undefined && third !== undefined) {
    return `'${third}' is too much: a device stands before the broadcast address`;
  }
  if (device) {
    const [name, label] = device.split(':');
    found.device = name!;
    if (label) found.label = label;
  }
  if (broadcast) {
    if (!isAddress(broadcast)) return `'${broadcast}' is no broadcast address`;
    found.broadcast = broadcast;
  }
  return { address, ...found };
}

function prefixOf(mask: string): number | null {
  if (/^\d{1,3}$/.test(mask)) return Number(mask);
  if (!/^\d+\.\d+\.\d+\.\d+$/.test(mask) || !isAddress(mask)) return null;
  const bits = mask
    .split('.')
    .map((part) => Number(part).toString(2).padStart(8, '0'))
    .join('');
  return /^1*0*$/.test(bits) ? bits.replace(/0+$/, '').length : null;
}

/** The same address or script twice would be started and stopped by two groups. */
function checkRepeats(groups: readonly (ResourceGroup | null)[], mistakes: Mistake[]): void {
  const seen = new Map<string, HaResource>();
  for (const group of groups) {
    for (const resource of group?.resources ?? []) {
      const key = resource.address?.address ?? [resource.script, ...resource.args].join('::');
      const before = seen.get(key);
      if (before) {
        mistakes.push({
          severity: 'warning',
          code: 'repeated',
          message: `'${key}' is already in line ${before.place.line}: two groups would each start and stop it`,
          fix: 'put what needs it into one line',
          place: resource.place,
        });
      } else seen.set(key, resource);
    }
  }
}

/** A backslash with blanks behind it joins nothing. */
function checkContinuations(text: string, mistakes: Mistake[]): void {
  for (const [index, line] of text.split('\n').entries()) {
    const found = /^([^#]*)\\([ \t]+)\r?$/.exec(line);
    if (!found) continue;
    mistakes.push({
      severity: 'error',
      code: 'continuation',
      message: "blanks follow the '\\': the line does not go on",
      fix: "the '\\' must be the last character of its line",
      place: { line: index + 1, column: found[1]!.length + 1, length: 1 + found[2]!.length },
    });
  }
}
