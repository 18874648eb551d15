import { byKeyword, readPair, readTyped } from '../../grammar/pcs/arguments.js';
import { WrongUsage } from '../../grammar/pcs/mistake.js';
import { Element } from '../cib/element.js';
import { type Environment, sectionOf } from './environment.js';
import { clusterNodes } from './location.js';
import { error, type Finding, forceable } from './refusal.js';
import { warnOfResources } from './stonith-only.js';
import { findResource, idMistakes, isStonith, toId, uniqueId } from './tree.js';
import { byCodePoint, quotedList } from './words.js';

/** `pcs stonith level ...` */

/** Whom a level is for: a node, nodes whose name matches, nodes with an attribute. */
interface Target {
  readonly kind: 'node' | 'regexp' | 'attrib';
  /** With the attribute's value behind it for `attrib`. */
  readonly value: readonly string[];
}

function readTarget(word: string): Target {
  const { type, value } = readTyped(word, ['attrib', 'node', 'regexp'], 'node');
  if (type === 'attrib') return { kind: 'attrib', value: readPair(value) };
  return { kind: type as 'node' | 'regexp', value: [value] };
}

function attributesOf({ kind, value }: Target): [string, string][] {
  const [first = '', second = ''] = value;
  if (kind === 'node') return [['target', first]];
  if (kind === 'regexp') return [['target-pattern', first]];
  return [
    ['target-attribute', first],
    ['target-value', second],
  ];
}

function targetOf(level: Element): Target {
  const node = level.get('target');
  if (node !== undefined) return { kind: 'node', value: [node] };
  const pattern = level.get('target-pattern');
  if (pattern !== undefined) return { kind: 'regexp', value: [pattern] };
  return { kind: 'attrib', value: [level.get('target-attribute') ?? '', level.get('target-value') ?? ''] };
}

/** Devices were once separated by commas. */
function readDevices(environment: Environment, words: readonly string[]): string[] {
  if (words.some((word) => word.includes(','))) {
    environment.deprecated(
      "Delimiting stonith devices with ',' is deprecated and will be removed. Please use a space to delimit stonith devices.",
    );
  }
  return words.join(',').split(',');
}

interface Query {
  readonly index: string | null;
  readonly target: Target | null;
  readonly devices: readonly string[] | null;
}

function matching(cib: Element, { index, target, devices }: Query): Element[] {
  const levels = cib.at('configuration', 'fencing-topology')?.elements('fencing-level') ?? [];
  return levels.filter(
    (level) =>
      (index === null || level.get('index') === index) &&
      (target === null || attributesOf(target).every(([name, value]) => level.get(name) === value)) &&
      (devices === null || devices.length === 0 || level.get('devices') === devices.join(',')),
  );
}

function checkDevices(cib: Element, devices: readonly string[], forced: boolean | null): Finding[] {
  const findings: Finding[] = [];
  const unknown: string[] = [];
  for (const device of devices) {
    const mistakes = idMistakes(device, 'device id');
    findings.push(...mistakes.map(error));
    const resource = findResource(cib, device, ['primitive'])?.element;
    if (mistakes.length === 0 && !(resource && isStonith(resource))) unknown.push(device);
  }
  if (unknown.length > 0) {
    const text = `Stonith resource(s) ${quotedList(unknown)} do not exist`;
    findings.push(forced === null ? error(text) : forceable(text, forced));
  }
  return findings;
}

function checkNode(cib: Element, node: string, forced: boolean | null): Finding[] {
  if (clusterNodes(cib).includes(node)) return [];
  const text = `Node '${node}' does not appear to exist in configuration`;
  return [forced === null ? error(text) : forceable(text, forced)];
}

export async function addLevel(environment: Environment, words: string[]): Promise<void> {
  const [index, targetWord, ...rest] = words;
  if (index === undefined || targetWord === undefined || rest.length === 0) throw new WrongUsage();
  const target = readTarget(targetWord);
  const id = rest.at(-1)?.startsWith('id=') ? rest.pop()!.slice('id='.length) : undefined;
  const devices = readDevices(environment, rest);
  await warnOfResources(environment, devices);
  const cib = await environment.cib();
  const { forced } = environment;
  const good = /^\s*[+]?\d+\s*$/.test(index) && Number(index) > 0;
  environment.report(
    ...(good ? [] : [error(`'${index}' is not a valid level value, use a positive integer`)]),
    ...(target.kind === 'node' ? checkNode(cib, target.value[0]!, forced) : []),
    ...checkDevices(cib, devices, forced),
  );
  environment.stopOnErrors();
  if (matching(cib, { index, target, devices }).length > 0) {
    environment.report(
      error(
        `Fencing level for '${target.value.join('=')}' at level '${index}' with device(s) ${quotedList(devices)} already exists`,
      ),
    );
    environment.stopOnErrors();
  }
  const number = String(Number(index));
  sectionOf(cib, 'fencing-topology').append(
    new Element('fencing-level', [
      ['index', number],
      ['devices', devices.join(',')],
      ...attributesOf(target),
      ['id', id ?? uniqueId(cib, toId(`fl-${target.value[0]}-${number}`))],
    ]),
  );
  await environment.push();
}

/** `[target TARGET] [stonith DEVICE...]` */
function readQuery(words: readonly string[]): { target: Target | null; devices: string[] | null } {
  const groups = byKeyword(words, ['target', 'stonith']);
  const targets = groups.get('target')?.flat();
  const devices = groups.get('stonith')?.flat();
  if (targets && targets.length > 1) throw new WrongUsage('At most one target can be specified');
  const missing = [
    ...(targets?.length === 0 ? ["'target'"] : []),
    ...(devices?.length === 0 ? ["'stonith'"] : []),
  ];
  if (missing.length > 0) throw new WrongUsage(`Missing value after ${missing.join(' and ')}`);
  return { target: targets?.[0] === undefined ? null : readTarget(targets[0]), devices: devices ?? null };
}

function removeMatching(cib: Element, query: Query): Finding[] {
  const findings = (query.devices ?? []).flatMap((device) => idMistakes(device, 'stonith id').map(error));
  const levels = matching(cib, query);
  if (levels.length === 0) {
    const parts = [
      ...(query.target ? [`for '${query.target.value.join('=')}' `] : []),
      ...(query.index === null ? [] : [`at level '${query.index}' `]),
      ...(query.devices && query.devices.length > 0 ? [`with device(s) ${quotedList(query.devices)} `] : []),
    ];
    findings.push(error(`Fencing level ${parts.join('')}does not exist`));
  }
  if (findings.length > 0) return findings;
  const topology = sectionOf(cib, 'fencing-topology');
  for (const level of levels) topology.remove(level);
  return [];
}

/** `level remove INDEX [target T] [stonith D...]`; before 0.11 `INDEX [TARGET] [DEVICE...]`. */
export async function removeLevel(environment: Environment, words: string[]): Promise<void> {
  const [index, ...rest] = words;
  if (index === undefined) throw new WrongUsage();
  const cib = await environment.cib();
  let query: Query;
  let old = false;
  if (rest[0] === 'target' || rest[0] === 'stonith') query = { index, ...readQuery(rest) };
  else {
    old = true;
    let target: Target | null = null;
    let devices: string[] | null = null;
    if (rest[0] !== undefined) {
      environment.deprecated(
        "Syntax 'pcs stonith level delete | remove <level> [<target>] [<stonith id>...]' is deprecated and will be removed. Please use 'pcs stonith level delete | remove <level> [target <target>] [stonith <stonith id>...]'.",
      );
      if (!rest[0].includes('%') && rest[0].includes(',')) readDevices(environment, [rest[0]]);
      target = readTarget(rest[0]);
    }
    if (rest.length > 1) devices = readDevices(environment, rest.slice(1));
    query = { index, target, devices };
  }
  let findings = removeMatching(cib, query);
  // A word that was taken for a target may be a list of devices.
  if (findings.length > 0 && old && query.target?.kind === 'node') {
    const devices = [...query.target.value[0]!.split(','), ...(query.devices ?? [])];
    const again = removeMatching(cib, { index, target: null, devices });
    findings = again.length === 0 ? [] : [...findings, ...again];
  }
  environment.report(...findings);
  environment.stopOnErrors();
  await environment.push();
}

export async function clearLevels(environment: Environment, words: string[]): Promise<void> {
  const cib = await environment.cib();
  const topology = sectionOf(cib, 'fencing-topology');
  const [first] = words;
  if (first === undefined) {
    for (const level of topology.elements('fencing-level')) topology.remove(level);
    return environment.push();
  }
  if (words.length > 1 || first === 'target' || first === 'stonith') {
    const query = readQuery(words);
    if (query.target && query.devices) throw new WrongUsage("Only one of 'target' and 'stonith' can be used");
    environment.report(...removeMatching(cib, { index: null, ...query }));
    environment.stopOnErrors();
    return environment.push();
  }
  environment.deprecated(
    "Syntax 'pcs stonith level clear [<target> | <stonith id(s)>] is deprecated and will be removed. Please use 'pcs stonith level clear [target <target>] | [stonith <stonith id>...]'.",
  );
  const target = readTarget(first);
  const byTarget = matching(cib, { index: null, target, devices: null });
  const byDevices =
    target.kind === 'node' ? matching(cib, { index: null, target: null, devices: first.split(',') }) : [];
  for (const level of [...byTarget, ...byDevices]) topology.remove(level);
  await environment.push();
}

/** `Target: n1` with its levels. */
export function levelLines(cib: Element): string[] {
  const levels = cib.at('configuration', 'fencing-topology')?.elements('fencing-level') ?? [];
  const byTarget = new Map<string, { target: Target; levels: Element[] }>();
  for (const level of levels) {
    const target = targetOf(level);
    const key = JSON.stringify([['node', 'regexp', 'attrib'].indexOf(target.kind), ...target.value]);
    const entry = byTarget.get(key) ?? { target, levels: [] };
    byTarget.set(key, entry);
    entry.levels.push(level);
  }
  return [...byTarget]
    .sort(([a], [b]) => byCodePoint(a, b))
    .flatMap(([, { target, levels: own }]) => [
      `Target${target.kind === 'regexp' ? ' (regexp)' : ''}: ${target.value.join('=')}`,
      ...[...own]
        .sort((a, b) => byCodePoint(a.get('index') ?? '', b.get('index') ?? ''))
        .map((level) => `  Level ${level.get('index')} - ${level.get('devices')}`),
    ]);
}

export async function showLevels(environment: Environment, words: string[]): Promise<void> {
  if (words.length > 0) throw new WrongUsage();
  const lines = levelLines(await environment.cib());
  if (lines.length > 0) environment.print(lines.join('\n'));
}

export async function verifyLevels(environment: Environment, words: string[]): Promise<void> {
  if (words.length > 0) throw new WrongUsage();
  const cib = await environment.cib();
  const levels = cib.at('configuration', 'fencing-topology')?.elements('fencing-level') ?? [];
  const devices = new Set(levels.flatMap((level) => (level.get('devices') ?? '').split(',')));
  const nodes = new Set(levels.flatMap((level) => level.get('target') ?? []));
  environment.report(
    ...checkDevices(cib, [...devices].sort(byCodePoint), null),
    ...[...nodes].sort(byCodePoint).flatMap((node) => checkNode(cib, node, null)),
  );
  environment.stopOnErrors();
}
