/** `configure ldirectord`: the file that ocf:heartbeat:ldirectord works by, checked and extended. */
import { existsSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { suggestions } from '../../../grammar/ldirectord/assist.js';
import type { LdirectordFile, Mistake } from '../../../grammar/ldirectord/ast.js';
import { readLdirectord } from '../../../grammar/ldirectord/check.js';
import type { Element } from '../../cib/element.js';
import type { CommandStatus, Completer, Environment } from '../command.js';
import type { Session } from '../session.js';

/** Of the agent. */
const DEFAULT_FILE = '/etc/ha.d/ldirectord.cf';
const FILE_MODE = 0o644;

/** The file that a primitive works by; null where it is no ldirectord. */
export function ldirectordFile(primitive: Element): string | null {
  if (primitive.get('type') !== 'ldirectord') return null;
  const parameter = primitive.get('class') === 'heartbeat' ? '1' : 'configfile';
  for (const set of primitive.elements('instance_attributes')) {
    for (const pair of set.elements('nvpair'))
      if (pair.get('name') === parameter) return pair.get('value') ?? null;
  }
  return DEFAULT_FILE;
}

function formatted(mistake: Mistake, text: string, file: string): string {
  const { line, column, length } = mistake.place;
  const source = (text.split('\n')[line - 1] ?? '').replace(/\r$/, '');
  const pad = source.slice(0, column - 1).replace(/[^\t]/g, ' ');
  const lines = [
    `${file}:${line}:${column}: ${mistake.message}`,
    `  ${source}`,
    `  ${pad}${'^'.repeat(Math.max(1, Math.min(length, source.length - column + 1)))}`,
  ];
  if (mistake.fix !== undefined) lines.push(`  ${mistake.fix}`);
  return lines.join('\n');
}

/** Says what is wrong with a text; false where ldirectord would not start with it. */
function sayMistakes(session: Session, mistakes: readonly Mistake[], text: string, file: string): boolean {
  for (const mistake of mistakes) {
    const shown = formatted(mistake, text, file);
    if (mistake.severity === 'error') session.error(shown);
    else session.warning(shown);
  }
  return mistakes.every(({ severity }) => severity !== 'error');
}

/**
 * What is wrong with the files of these primitives, as warnings: a file is not part of the configuration, and may be
 * put right, or be there at all, later. Only files of this machine are looked at.
 */
export function warnOfFiles(session: Session, primitives: Iterable<Element>): void {
  if (session.hosts.length > 0) return;
  const seen = new Set<string>();
  for (const primitive of primitives) {
    const file = ldirectordFile(primitive);
    if (file === null || seen.has(file) || !existsSync(file)) continue;
    seen.add(file);
    const text = readFileSync(file, 'utf8');
    for (const mistake of readLdirectord(text).mistakes) session.warning(formatted(mistake, text, file));
  }
}

export async function ldirectord(env: Environment, args: readonly string[]): Promise<CommandStatus> {
  const { session } = env;
  const [named, ...settings] = args;
  if (session.hosts.length > 0) {
    session.error(
      `configure.ldirectord: the file is on ${session.nodeName}, this looks at files here: run it there`,
    );
    return 'failed';
  }
  const files = named === undefined ? await configuredFiles(session) : [named];
  if (files === null) return 'failed';
  if (settings.length > 0) return extend(session, files[0]!, settings);
  let sound = true;
  for (const file of files) {
    let text: string;
    try {
      text = readFileSync(file, 'utf8');
    } catch (error) {
      session.error(`${file}: ${error instanceof Error ? error.message : String(error)}`);
      sound = false;
      continue;
    }
    const read = readLdirectord(text);
    sound = sayMistakes(session, read.mistakes, text, file) && sound;
    session.print(summary(file, read.file));
  }
  return sound ? 'done' : 'failed';
}

async function configuredFiles(session: Session): Promise<string[] | null> {
  const cib = await session.currentCib();
  if (!cib) return null;
  const primitives = [...cib.descendants()].filter(({ name }) => name === 'primitive');
  const files = [...new Set(primitives.flatMap((primitive) => ldirectordFile(primitive) ?? []))];
  return files.length > 0 ? files : [DEFAULT_FILE];
}

function summary(file: string, { services }: LdirectordFile): string {
  const lines = [`${file}: ${services.length} virtual service${services.length === 1 ? '' : 's'}`];
  for (const { value, settings } of services) {
    const setting = (name: string) => settings.findLast((each) => each.name === name)?.value;
    const reals = settings.filter(({ name }) => name === 'real' || name === 'real6');
    lines.push(`  ${value} ${setting('scheduler') ?? 'wrr'}`);
    for (const real of reals) lines.push(`    ${real.value}`);
  }
  return `${lines.join('\n')}\n`;
}

/** Adds a virtual service, or settings to one that is there; written whole, and only where nothing is wrong with it. */
async function extend(session: Session, file: string, words: readonly string[]): Promise<CommandStatus> {
  const wrong = words.find((word) => !/^[\w-]+=./.test(word));
  if (wrong !== undefined) {
    session.error(
      `configure.ldirectord: ${wrong}: expected SETTING=VALUE, as virtual=10.0.0.1:80 "real=10.0.0.2:80 gate"`,
    );
    return 'usage';
  }
  const before = existsSync(file) ? readFileSync(file, 'utf8') : '';
  const [head, ...rest] = words.map(quotedAsNeeded);
  const isService = /^virtual6?=/.test(head!);
  const text = isService ? withService(before, head!, rest) : withGlobals(before, [head!, ...rest]);
  const { mistakes } = readLdirectord(text);
  if (!sayMistakes(session, mistakes, text, file)) {
    session.error(`${file} was not changed`);
    return 'failed';
  }
  const temporary = `${file}.${process.pid}`;
  try {
    writeFileSync(temporary, text, { mode: existsSync(file) ? statSync(file).mode & 0o777 : FILE_MODE });
    renameSync(temporary, file);
  } catch (error) {
    session.error(`${file}: ${error instanceof Error ? error.message : String(error)}`);
    return 'failed';
  }
  session.info(`${file} written; copy it to the other nodes with "crm cluster copy ${file}"`);
  return 'done';
}

const QUOTED = new Set([
  'request',
  'receive',
  'login',
  'passwd',
  'database',
  'secret',
  'load',
  'logfile',
  'callback',
]);

/** The shell has taken the quotes that the file needs. */
function quotedAsNeeded(word: string): string {
  const at = word.indexOf('=');
  const [name, value] = [word.slice(0, at), word.slice(at + 1)];
  return QUOTED.has(name) && !/^".*"$/.test(value) ? `${name}="${value}"` : word;
}

function withService(before: string, head: string, settings: readonly string[]): string {
  const indented = settings.map((setting) => `    ${setting}`);
  const { services } = readLdirectord(before).file;
  const [name, value] = [head.slice(0, head.indexOf('=')), head.slice(head.indexOf('=') + 1)];
  const known = services.find((service) => service.name === name && service.value === value);
  const lines = before.split('\n');
  if (!known)
    return `${before}${before === '' || before.endsWith('\n') ? '' : '\n'}${[head, ...indented, ''].join('\n')}`;
  for (const setting of indented) {
    const what = setting.trim().split('=')[0]!;
    const old = what.startsWith('real') ? undefined : known.settings.findLast((each) => each.name === what);
    if (old) lines[old.place.line - 1] = setting;
  }
  const fresh = indented.filter((setting) => !lines.includes(setting));
  const last = Math.max(known.place.line, ...known.settings.map(({ place }) => place.line));
  lines.splice(last, 0, ...fresh);
  return lines.join('\n');
}

function withGlobals(before: string, settings: readonly string[]): string {
  const { globals } = readLdirectord(before).file;
  const lines = before.split('\n');
  const fresh: string[] = [];
  for (const setting of settings) {
    const old = globals.findLast(({ name }) => name === setting.split('=')[0]);
    if (old) lines[old.place.line - 1] = setting;
    else fresh.push(setting);
  }
  // The first unindented line ends a service, so what is for all stands at the top.
  return [...fresh, ...lines].join('\n');
}

/** Settings and their values; those of a service once `virtual=` was typed. */
export const completeSetting: Completer = ({ words, word }) => {
  const inService = words.some((each) => /^virtual6?=/.test(each));
  const context = inService ? 'virtual=1\n    ' : '';
  const at = word.indexOf('=');
  return suggestions(`${context}${word}`).map(({ text, help }) =>
    at < 0
      ? { text: `${text}=`, summary: help, kind: 'parameter' as const, open: true }
      : { text: `${word.slice(0, at + 1)}${lastBlank(word.slice(at + 1))}${text}`, kind: 'value' as const },
  );
};

/** What of a value stands before the word that is being completed. */
function lastBlank(value: string): string {
  return value.slice(0, value.lastIndexOf(' ') + 1);
}
