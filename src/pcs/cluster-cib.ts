import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WrongUsage } from '../../grammar/pcs/mistake.js';
import { createPatch } from '../cib/diff.js';
import type { Element } from '../cib/element.js';
import { applyPatch } from '../cib/patch.js';
import { upgradeSchema } from '../cib/validity.js';
import { parseXml, writeXml } from '../cib/xml.js';
import type { Environment } from './environment.js';
import { UNABLE } from './refusal.js';
import { runTool } from './tools.js';

/** `pcs cluster cib|cib-push|cib-upgrade|edit|verify` */

const SCOPES =
  'acls alerts configuration constraints crm_config fencing-topology nodes op_defaults resources rsc_defaults tags'.split(
    ' ',
  );

/** Words that may be `NAME=VALUE`, and the one that is not. */
function readWords(environment: Environment, words: readonly string[], names: readonly string[]) {
  if (words.length > 2) throw new WrongUsage();
  let file: string | null = null;
  const given = new Map<string, string>();
  for (const word of words) {
    const at = word.indexOf('=');
    if (at < 0) file = word;
    else if (!names.includes(word.slice(0, at))) throw new WrongUsage();
    else given.set(word.slice(0, at), word.slice(at + 1));
  }
  let scope = given.get('scope') ?? null;
  if (scope !== null) {
    if (environment.has('--config')) environment.fail('Cannot use both scope and --config');
    if (!SCOPES.includes(scope)) environment.fail(`invalid CIB scope '${scope}'`);
  }
  if (environment.has('--config')) scope = 'configuration';
  return { file, scope, against: given.get('diff-against') ?? null };
}

function sectionNamed(cib: Element, scope: string): Element | undefined {
  return scope === 'configuration' ? cib.first(scope) : cib.at('configuration', scope);
}

export async function showCib(environment: Environment, words: string[]): Promise<void> {
  const { file, scope } = readWords(environment, words, ['scope']);
  const cib = await environment.cib();
  const shown = scope === null ? cib : sectionNamed(cib, scope);
  if (!shown) {
    environment.fail(`unable to get cib, scope '${scope}' not present in cib`);
  }
  const text = writeXml(shown).trimEnd();
  if (file === null) {
    environment.print(text);
    return;
  }
  try {
    writeFileSync(file, `${text}\n`);
  } catch (failure) {
    environment.fail(`Unable to write to file '${file}', ${(failure as Error).message}`);
  }
}

function readDocument(environment: Environment, path: string): Element {
  try {
    return parseXml(readFileSync(path, 'utf8'));
  } catch (failure) {
    const missing = (failure as NodeJS.ErrnoException).code === 'ENOENT';
    environment.fail(
      `unable to parse new cib: ${missing ? `[Errno 2] No such file or directory: '${path}'` : (failure as Error).message}`,
    );
  }
}

const isOlder = (one: Element, other: Element): boolean => {
  for (const name of ['admin_epoch', 'epoch', 'num_updates']) {
    const difference = Number(one.get(name) ?? 0) - Number(other.get(name) ?? 0);
    if (difference !== 0) return difference < 0;
  }
  return false;
};

export async function pushCib(environment: Environment, words: string[]): Promise<void> {
  if (words.length > 2) throw new WrongUsage();
  const seconds = environment.waitSeconds();
  const { file, scope, against } = readWords(environment, words, ['scope', 'diff-against']);
  if (against !== null && scope !== null) environment.fail('Cannot use both scope and diff-against');
  if (file === null) throw new WrongUsage();
  const given = readDocument(environment, file);
  const section = scope === null ? null : [...given.descendants()].find((each) => each.name === scope);
  if (section === undefined) environment.fail(`unable to push cib, scope '${scope}' not present in new cib`);

  const cib = (await environment.cib()).clone();
  if (against !== null) {
    const patch = createPatch(withoutVersion(readDocument(environment, against)), withoutVersion(given));
    if (!patch) {
      environment.say('The new CIB is the same as the original CIB, nothing to push.');
      return;
    }
    const applied = applyPatch(cib, patch, { checkVersion: false, checkDigest: false });
    if (!applied.ok) environment.fail(`unable to push cib\nCall failed: ${applied.message}`);
    await environment.replaceCib(cib);
  } else if (section === null) {
    if (isOlder(given, cib)) {
      environment.fail(
        "Unable to push to the CIB because pushed configuration is older than existing one. If you are sure you want to push this configuration, try to use --config to replace only configuration part instead of whole CIB. Otherwise get current configuration by running command 'pcs cluster cib' and update that.",
      );
    }
    // The state of the cluster is its own; only its configuration can be pushed.
    const configuration = given.first('configuration');
    if (!configuration)
      environment.fail('unable to push cib\nCall cib_replace failed: there is no configuration in it');
    cib.ensure('configuration').children = configuration.children;
    const schema = given.get('validate-with');
    if (schema !== undefined) cib.set('validate-with', schema);
    await environment.replaceCib(cib);
  } else {
    const present = sectionNamed(cib, scope!);
    if (present) {
      present.attributes = section.attributes;
      present.children = section.children;
    } else cib.ensure('configuration').append(section);
    await environment.replaceCib(cib);
  }
  await environment.push();
  environment.say('CIB updated');
  await environment.waitForCluster(seconds, true);
}

function withoutVersion(cib: Element): Element {
  for (const name of ['admin_epoch', 'epoch', 'num_updates']) cib.set(name, '0');
  return cib;
}

export async function upgradeCib(environment: Environment, words: string[]): Promise<void> {
  if (words.length > 0) throw new WrongUsage();
  const cib = await environment.cib();
  const upgrade = upgradeSchema(cib);
  if (upgrade.cib !== cib) {
    await environment.replaceCib(upgrade.cib);
    await environment.push();
  }
  environment.say('Cluster CIB has been upgraded to latest version');
}

export async function editCib(environment: Environment, words: string[]): Promise<void> {
  const editor = environment.world.env.EDITOR;
  if (!editor) environment.fail('$EDITOR environment variable is not set');
  const { scope } = readWords(environment, words, ['scope']);
  if (words.length > 1) throw new WrongUsage();
  const cib = await environment.cib();
  const shown = scope === null ? cib : sectionNamed(cib, scope);
  if (!shown) environment.fail(`unable to get cib, scope '${scope}' not present in cib`);
  const folder = mkdtempSync(join(tmpdir(), 'pcs-edit-'));
  const file = join(folder, 'cib.xml');
  try {
    const before = writeXml(shown);
    writeFileSync(file, before);
    execFileSync('/bin/sh', ['-c', `exec ${editor} "$1"`, 'sh', file], { stdio: 'inherit' });
    if (readFileSync(file, 'utf8') === before) {
      environment.say('CIB not updated, no changes detected');
      return;
    }
    await pushCib(environment, scope === null ? [file] : [file, `scope=${scope}`]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** `cluster verify [-V] [FILE]`: the options in brackets are those of pcs 0.9. */
export async function verify(environment: Environment, words: string[]): Promise<void> {
  if (words.length > 0) throw new WrongUsage();
  const full = environment.has('--full');
  const { crmVerify } = await import('../cluster-tools/crm-verify.js');
  const run = await runTool(environment, 'crm_verify', crmVerify, ['-L', ...(full ? ['-VV'] : [])]);
  // What more there is to be seen is said below, in pcs's words.
  const text = `${run.out}${run.err}`.replace(/^-V may provide more details\n?/m, '').trim();
  if (run.status !== 0) {
    const hint = full ? '' : '\n\nUse --full for more details.';
    environment.say(`Error: invalid cib:\n${text}\n${hint}`);
    environment.fail(UNABLE);
  }
  if (text !== '') environment.say(text);
}
