import { type Access, accessOf, permissionsOf } from '../cib/acl.js';
import type { Element } from '../cib/element.js';
import { isAtLeast, schemaVersion } from '../cib/schema/versions.js';
import { EXIT } from '../command-line/exit-codes.js';
import { escapeXml } from '../command-line/output.js';
import { type ResultName, resultText } from '../command-line/result-codes.js';
import type { Surroundings } from '../command-line/tool.js';
import { groupsOf } from './access.js';

const NAMES: Readonly<Record<Access, string>> = { write: 'writable', read: 'readable', deny: 'denied' };
const MARKERS: Readonly<Record<Access, string>> = {
  write: 'vvv---[ WRITABLE ]---vvv',
  read: 'vvv---[ READABLE ]---vvv',
  deny: 'vvv---[ ~DENIED~ ]---vvv',
};
const COLOURS: Readonly<Record<Access, string>> = { write: '\x1b[32m', read: '\x1b[34m', deny: '\x1b[31m' };
const RESET = '\x1b[0m';

/**
 * Shows a CIB with what a user may do with each part of it (`cibadmin --show-access`).
 *
 * @param form `text`, `color`, `namespace`, or `auto`, which is `text` where the output is no terminal
 */
export function annotate(cib: Element, user: string, form: string, surroundings: Surroundings): number {
  const refuse = (why: ResultName) => {
    surroundings.err(`Could not evaluate access per request (${user}, error: ${resultText(why)})\n`);
    return EXIT.CONFIG;
  };
  if (/[<>&]/.test(user)) return refuse('EINVAL');
  if (user === 'root' || user === 'hacluster') return refuse('already');
  const version = schemaVersion(cib.get('validate-with') ?? '');
  if (version && !isAtLeast(version, '2.0')) return refuse('schema_validation');
  const access = accessOf(cib, permissionsOf(cib, { user, groups: groupsOf(user) }));
  const lines = [`<!-- ACLs as evaluated for user ${user} -->`];
  if (form === 'namespace') lines.push(...namespaced(cib, access));
  else if (form === 'color') lines.push(...coloured(cib, access));
  else lines.push(...marked(cib, access));
  surroundings.out(`${lines.join('\n')}\n\n`);
  return EXIT.OK;
}

function attributes(element: Element): string {
  return [...element.attributes].map(([name, value]) => ` ${name}="${escapeXml(value)}"`).join('');
}

/** Lines of a tree, with what is to stand around its tags. */
function render(
  cib: Element,
  around: (
    element: Element,
    parent: Element | undefined,
    pad: string,
  ) => {
    readonly before: readonly string[];
    readonly colour: string;
    readonly prefix: string;
    readonly extra: string;
  },
): string[] {
  const lines: string[] = [];
  const visit = (element: Element, parent: Element | undefined, depth: number) => {
    const pad = '  '.repeat(depth);
    const { before, colour, prefix, extra } = around(element, parent, pad);
    const reset = colour === '' ? '' : RESET;
    const name = `${prefix}${element.name}`;
    const start = `${pad}${colour}<${name}${attributes(element)}${extra}`;
    lines.push(...before);
    if (element.children.length === 0) {
      lines.push(`${start}/>${reset}`);
      return;
    }
    lines.push(`${start}>`);
    for (const child of element.children) {
      if (child.kind === 'element') visit(child, element, depth + 1);
      else if (child.kind === 'comment') lines.push(`${pad}  <!--${child.text}-->`);
    }
    lines.push(`${pad}${colour}</${name}>${reset}`);
  };
  visit(cib, undefined, 0);
  return lines;
}

function marked(cib: Element, access: ReadonlyMap<Element, Access>): string[] {
  return render(cib, (element, parent, pad) => {
    const own = access.get(element)!;
    const before =
      parent && access.get(parent) === own ? [] : [...(parent ? [pad] : []), `${pad}${MARKERS[own]}`];
    return { before, colour: '', prefix: '', extra: '' };
  });
}

function coloured(cib: Element, access: ReadonlyMap<Element, Access>): string[] {
  return render(cib, (element) => ({
    before: [],
    colour: COLOURS[access.get(element)!],
    prefix: '',
    extra: '',
  }));
}

function namespaced(cib: Element, access: ReadonlyMap<Element, Access>): string[] {
  const used = new Set(access.values());
  const declarations = (['write', 'read', 'deny'] as const)
    .filter((kind) => used.has(kind))
    .map((kind) => {
      const name = NAMES[kind];
      return ` xmlns:pcmk-access-${name}="http://clusterlabs.org/ns/pacemaker/access/${name}"`;
    })
    .join('');
  return render(cib, (element, parent) => {
    const own = access.get(element)!;
    const same = parent && access.get(parent) === own;
    return {
      before: [],
      colour: '',
      prefix: same ? '' : `pcmk-access-${NAMES[own]}:`,
      extra: parent ? '' : declarations,
    };
  });
}
