import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { PassThrough } from 'node:stream';
import type { Element } from '../../src/cib/element.js';
import { parseXml } from '../../src/cib/xml.js';
import { runShell } from '../../src/shell/main.js';

/** A case of the corpus, as `cli/crm/README.md` there describes it. */
export interface CrmCase {
  readonly id: string;
  readonly family: string;
  readonly mode?: 'session' | 'args' | 'tty';
  readonly input?: string;
  readonly steps?: readonly (readonly string[])[];
  readonly wrap?: boolean;
  readonly commit?: boolean;
  readonly flags?: readonly string[];
  readonly files?: Readonly<Record<string, string>>;
  readonly file_refs?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  readonly base_cib?: string;
  readonly checks?: readonly string[];
  readonly rc: number;
  readonly xml: string;
  readonly show: string;
  readonly stdout?: string;
  readonly errors?: readonly string[];
  readonly outfiles?: Readonly<Record<string, string>>;
  readonly crash?: boolean;
  readonly needs?: readonly string[];
}

/** The folder of the corpus, or undefined where there is none. */
export function corpusFolder(): string | undefined {
  const candidates = [
    process.env.QUORATE_CORPUS,
    resolve('../shared/corpus'),
    resolve('../../shared/corpus'),
  ];
  return candidates
    .filter((path) => path !== undefined)
    .map((path) => join(path, 'cli/crm'))
    .find((path) => existsSync(path));
}

export function readCases(folder: string): CrmCase[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.jsonl'))
    .sort()
    .flatMap((name) =>
      readFileSync(join(folder, name), 'utf8')
        .split('\n')
        .filter((line) => line.trim() !== '')
        .map((line) => JSON.parse(line) as CrmCase),
    );
}

interface Ran {
  readonly status: number;
  readonly output: string;
  readonly errors: string;
}

/** Runs `crm` in this process. */
export async function crm(
  argv: readonly string[],
  env: Readonly<Record<string, string>>,
  terminal = false,
): Promise<Ran> {
  const stream = () => {
    const chunks: Buffer[] = [];
    const pass = new PassThrough();
    pass.on('data', (chunk: Buffer) => chunks.push(chunk));
    return { pass, text: () => Buffer.concat(chunks).toString('utf8') };
  };
  const [stdin, stdout, stderr] = [new PassThrough(), stream(), stream()];
  if (terminal) Object.assign(stdin, { isTTY: true });
  stdin.end();
  const status = await runShell({
    argv,
    env,
    stdin: stdin as unknown as NodeJS.ReadStream,
    stdout: stdout.pass as unknown as NodeJS.WriteStream,
    stderr: stderr.pass as unknown as NodeJS.WriteStream,
  });
  return { status, output: stdout.text(), errors: stderr.text() };
}

const MESSAGE = /^(ERROR|WARNING|INFO|DEBUG|CRITICAL): /;

function withoutMessages(text: string): string {
  return text
    .split('\n')
    .filter((line) => !MESSAGE.test(line))
    .join('\n');
}

function trimmed(text: string): string[] {
  const lines = text.split('\n').map((line) => line.trimEnd());
  while (lines.length > 0 && lines.at(-1) === '') lines.pop();
  return lines;
}

const UNORDERED = new Set(['configuration', 'nodes', 'constraints', 'tags', 'tickets']);

/** The element as lines; attribute order and blank text do not count, nor sibling order where it means nothing. */
function canonical(element: Element, depth = 0): string[] {
  const pad = '  '.repeat(depth);
  const attributes = [...element.attributes]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => ` ${name}=${JSON.stringify(value)}`)
    .join('');
  const children = element.children.map((child) =>
    child.kind === 'element'
      ? canonical(child, depth + 1)
      : [`${pad}  ${child.kind === 'comment' ? '<!--' : ''}${child.text.trim()}`],
  );
  if (UNORDERED.has(element.name)) children.sort((a, b) => (a.join('\n') < b.join('\n') ? -1 : 1));
  if (children.length === 0) return [`${pad}<${element.name}${attributes}/>`];
  return [`${pad}<${element.name}${attributes}>`, ...children.flat(), `${pad}</${element.name}>`];
}

function canonicalConfiguration(text: string): string[] {
  const root = parseXml(text);
  const configuration = root.name === 'configuration' ? root : root.first('configuration');
  return configuration ? canonical(configuration) : ['(no configuration)'];
}

function sameXml(a: string, b: string): boolean {
  try {
    return canonical(parseXml(a.trim())).join('\n') === canonical(parseXml(b.trim())).join('\n');
  } catch {
    return false;
  }
}

/** What a case wants and does not get; nothing where it passes. */
export type Verdict = Readonly<Record<string, { expected: string[]; got: string[] }>>;

/** The lines of a session as crm reads them. */
export function sessionText(item: CrmCase): string {
  const end = (item.commit ?? true) ? '\ncommit\n' : '\n';
  return (item.wrap ?? true) ? `configure\n${item.input}${end}` : item.input!;
}

/** Puts a case's CIB and files into an empty folder; the environment that crm runs in there. */
export function prepare(item: CrmCase, folder: string, scratch: string): Record<string, string> {
  const cib = join(scratch, 'cib.xml');
  const base = item.base_cib ?? 'bases/two.xml';
  writeFileSync(cib, base.trimStart().startsWith('<') ? base : readFileSync(join(folder, base)));
  mkdirSync(join(scratch, 'home'));
  for (const [name, text] of Object.entries(item.files ?? {})) {
    writeFileSync(join(scratch, name), text, { mode: text.startsWith('#!') ? 0o755 : 0o644 });
  }
  for (const [name, path] of Object.entries(item.file_refs ?? {})) {
    cpSync(join(folder, path), join(scratch, name));
  }
  const env: Record<string, string> = {
    PATH: process.env.PATH ?? '/usr/bin:/bin',
    HOME: join(scratch, 'home'),
    TZ: 'UTC',
    LC_ALL: 'C.UTF-8',
    TERM: 'dumb',
    USER: 'root',
    TMPDIR: scratch,
    CIB_file: cib,
  };
  for (const [name, value] of Object.entries(item.env ?? {})) env[name] = value.replaceAll('@CWD@', scratch);
  return env;
}

/** Runs one case in a folder of its own and compares as `compare-cli` does. */
export async function judge(item: CrmCase, folder: string): Promise<Verdict> {
  const scratch = mkdtempSync(join(tmpdir(), 'crm-case-'));
  const before = process.cwd();
  try {
    process.chdir(scratch);
    const env: Record<string, string> = { ...prepare(item, folder, scratch), OCF_ROOT: join(scratch, 'ocf') };
    // Where the cases were made there were no agents but these: others would change what a bare type means.
    mkdirSync(join(scratch, 'ocf/resource.d'), { recursive: true });
    for (const part of ['lib', 'resource.d/heartbeat', 'resource.d/pacemaker'])
      if (existsSync(join('/usr/lib/ocf', part)))
        symlinkSync(join('/usr/lib/ocf', part), join(scratch, 'ocf', part));
    const flags = item.flags ?? ['-F'];
    let ran: Ran = { status: 0, output: '', errors: '' };
    if ((item.mode ?? 'session') === 'session') {
      writeFileSync(join(scratch, 'input.crm'), sessionText(item));
      ran = await crm([...flags, '-D', 'plain', '-f', 'input.crm'], env);
    } else {
      for (const step of item.steps ?? []) {
        const one = await crm([...flags, '-D', 'plain', ...step], env, item.mode === 'tty');
        ran = { ...one, output: ran.output + one.output, errors: ran.errors + one.errors };
      }
    }
    const shown = await crm(['-D', 'plain', 'configure', 'show'], env);
    return compare(item, ran, readFileSync(env.CIB_file!, 'utf8'), withoutMessages(shown.output), scratch);
  } finally {
    process.chdir(before);
    rmSync(scratch, { recursive: true, force: true });
  }
}

function compare(item: CrmCase, ran: Ran, after: string, show: string, scratch: string): Verdict {
  const wrong: Record<string, { expected: string[]; got: string[] }> = {};
  const clean = (text: string) => text.replaceAll(`${scratch}/`, '').replaceAll(scratch, '.');
  const checks = item.checks ?? ['rc', 'xml', 'show', 'errors'];
  const differ = (name: string, expected: string[], got: string[]) => {
    if (expected.join('\n') !== got.join('\n')) wrong[name] = { expected, got };
  };
  if (checks.includes('rc') && !(item.crash && ran.status !== 0)) {
    differ('rc', [String(item.rc)], [String(ran.status)]);
    if (wrong.rc) wrong.rc.got.push(...clean(ran.errors).split('\n').slice(0, 12));
  }
  if (checks.includes('xml')) differ('xml', canonicalConfiguration(item.xml), canonicalConfiguration(after));
  if (checks.includes('show')) differ('show', trimmed(item.show), trimmed(clean(show)));
  const complaints = `${ran.errors}\n${ran.output}`.split('\n').filter((line) => line.startsWith('ERROR: '));
  if (checks.includes('errors') && item.errors && item.errors.length > 0) {
    if (item.rc !== 0 && complaints.length === 0) wrong.errors = { expected: [...item.errors], got: [] };
  }
  if (checks.includes('stdout')) {
    const output = withoutMessages(clean(ran.output));
    const expected = item.stdout ?? '';
    if (!(/^\s*</.test(expected) && sameXml(expected, output))) {
      differ('stdout', trimmed(expected), trimmed(output));
    }
  }
  for (const [name, text] of Object.entries(item.outfiles ?? {})) {
    const path = join(scratch, name);
    const got = existsSync(path) ? readFileSync(path, 'utf8') : '(not written)';
    if (!(/^\s*</.test(text) && sameXml(text, got))) differ(`file ${name}`, trimmed(text), trimmed(got));
  }
  return wrong;
}
