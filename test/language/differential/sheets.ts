/** Many statements of one session at a time: which are taken, the XML and the text that become of each. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Element } from '../../../src/cib/element.js';
import { parseXml, writeXml } from '../../../src/cib/xml.js';
import type { Sheet } from './sheet.js';

/** Runs `crm` with these words in a folder; its standard output. */
export type RunCrm = (
  argv: readonly string[],
  folder: string,
  env: Record<string, string>,
) => Promise<string>;

interface Outcome {
  readonly xml: ReadonlyMap<string, string>;
  readonly text: ReadonlyMap<string, string>;
}

async function outcome(crm: RunCrm, { statements, base }: Sheet): Promise<Outcome> {
  const folder = mkdtempSync(join(tmpdir(), 'sheet-'));
  try {
    const cib = join(folder, 'cib.xml');
    writeFileSync(cib, base);
    writeFileSync(
      join(folder, 'input.crm'),
      `configure\n${statements.map(({ text }) => text).join('\n')}\nshow\nshow xml\n`,
    );
    const env = { CIB_file: cib, HOME: folder, TMPDIR: folder };
    const output = await crm(['-F', '-D', 'plain', '-f', 'input.crm'], folder, env);
    const start = output.indexOf('<?xml');
    const end = output.indexOf('</cib>');
    const shown = output.slice(0, start);
    const xml = new Map<string, string>();
    if (start >= 0 && end > start) {
      const root = parseXml(output.slice(start, end + '</cib>'.length));
      for (const element of root.descendants()) {
        if (/^z\d+$/.test(element.id) && !isReference(element)) xml.set(element.id, canonical(element));
      }
    }
    const text = new Map<string, string>();
    for (const block of shown.split(/\n(?=\S)/)) {
      const id = /^(?:xml <\w+ [^>]*?\bid="(z\d+)"|\w+ (z\d+)(?=\s|$))/.exec(block);
      if (id) text.set(id[1] ?? id[2]!, block.trimEnd());
    }
    return { xml, text };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function isReference(element: Element): boolean {
  return element.name === 'resource_ref' || element.name === 'obj_ref' || element.name === 'role';
}

function canonical(element: Element): string {
  const copy = element.clone();
  for (const each of [copy, ...copy.descendants()]) {
    const sorted = [...each.attributes].sort(([a], [b]) => (a < b ? -1 : 1));
    for (const [name] of sorted) each.set(name, undefined);
    for (const [name, value] of sorted) each.set(name, value);
  }
  return writeXml(copy).trimEnd();
}

/** What differs, as lines for people. */
export async function compareSheets(theirs: RunCrm, ours: RunCrm, sheet: Sheet): Promise<string[]> {
  const [a, b] = [await outcome(theirs, sheet), await outcome(ours, sheet)];
  if (a.xml.size === 0 && b.xml.size > 0) {
    // One statement has made the original die: the halves are asked on their own.
    const { statements } = sheet;
    if (statements.length === 1) return [`    | ${statements[0]!.text}`, '  (theirs died)'];
    const middle = statements.length >> 1;
    return [
      ...(await compareSheets(theirs, ours, { ...sheet, statements: statements.slice(0, middle) })),
      ...(await compareSheets(theirs, ours, { ...sheet, statements: statements.slice(middle) })),
    ];
  }
  return sheet.statements.flatMap(({ id, text }) => {
    const differing = (['xml', 'text'] as const).filter((kind) => a[kind].get(id) !== b[kind].get(id));
    if (differing.length === 0) return [];
    return [
      `    | ${text}`,
      ...differing.flatMap((kind) => [
        ...(a[kind].get(id) ?? '(refused)').split('\n').map((line) => `  - ${line}`),
        ...(b[kind].get(id) ?? '(refused)').split('\n').map((line) => `  + ${line}`),
      ]),
    ];
  });
}
