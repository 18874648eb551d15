import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type CorosyncFile, type Item, type Section, sections, setting } from '../../grammar/corosync/ast.js';
import { parseCorosync } from '../../grammar/corosync/parser.js';
import { printCorosync } from '../../grammar/corosync/print.js';
import type { Environment } from './environment.js';

/** The corosync.conf that a command works on: the cluster's, or the file that `--corosync_conf` names. */

/** A node of the nodelist. */
export interface ConfNode {
  readonly name: string;
  readonly nodeId: string;
  /** By link number. */
  readonly addresses: readonly (readonly [link: string, address: string])[];
}

export function confPath(environment: Environment): string {
  return (
    environment.value('--corosync_conf') ??
    join(environment.world.env.QUORATE_ROOT || '/', 'etc/corosync/corosync.conf')
  );
}

export function hasConf(environment: Environment): boolean {
  return existsSync(confPath(environment));
}

/** Reads it; ends the command where it is not there. */
export function readConf(environment: Environment): CorosyncFile {
  const path = confPath(environment);
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    environment.fail(`Unable to read ${path}: No such file or directory`);
  }
  return parseCorosync(text).file;
}

export function writeConf(environment: Environment, file: CorosyncFile): void {
  writeFileSync(confPath(environment), confText(file));
}

/** As pcs writes it: a blank line between sections, none within settings. */
export function confText(file: CorosyncFile): string {
  return printCorosync({ items: spaced(file.items) });
}

function spaced(items: readonly Item[]): Item[] {
  const result: Item[] = [];
  for (const item of items) {
    if (item.kind === 'blank') continue;
    if (item.kind === 'section') {
      if (result.length > 0) result.push({ kind: 'blank' });
      result.push({ ...item, items: spaced(item.items) });
    } else result.push(item);
  }
  return result;
}

export function section(file: CorosyncFile | Section, name: string): Section | undefined {
  return sections(file.items, name)[0];
}

export function ensureSection(file: CorosyncFile | Section, name: string): Section {
  const existing = section(file, name);
  if (existing) return existing;
  const made: Section = { kind: 'section', name, items: [] };
  file.items.push(made);
  return made;
}

export function settingIn(owner: Section | undefined, key: string): string | undefined {
  return owner ? setting(owner.items, key)?.value : undefined;
}

/** Sets a setting at its place, or at the end of the settings; an empty value removes it. */
export function setValue(owner: Section, key: string, value: string): void {
  const present = owner.items.filter((item) => item.kind === 'setting' && item.key === key);
  if (value === '') {
    owner.items = owner.items.filter((item) => !present.includes(item));
    return;
  }
  const last = present.at(-1);
  if (last?.kind === 'setting') {
    last.value = value;
    return;
  }
  const at = owner.items.findIndex((item) => item.kind === 'section');
  const added: Item = { kind: 'setting', key, value };
  if (at < 0) owner.items.push(added);
  else owner.items.splice(at, 0, added);
}

/** Settings directly in a section, the last of several counting. */
export function settingsOf(owner: Section | undefined): Map<string, string> {
  const settings = new Map<string, string>();
  for (const item of owner?.items ?? []) if (item.kind === 'setting') settings.set(item.key, item.value);
  return settings;
}

export function confNodes(file: CorosyncFile): ConfNode[] {
  return sections(file.items, 'nodelist')
    .flatMap((list) => sections(list.items, 'node'))
    .map((node) => {
      const settings = settingsOf(node);
      const addresses = [...settings]
        .flatMap(([key, value]) => {
          const link = /^ring(\d+)_addr$/.exec(key)?.[1];
          return link === undefined ? [] : [[link, value] as const];
        })
        .sort(([a], [b]) => Number(a) - Number(b));
      return {
        name: settings.get('name') ?? addresses[0]?.[1] ?? '',
        nodeId: settings.get('nodeid') ?? '',
        addresses,
      };
    });
}

export function clusterNameOf(file: CorosyncFile): string {
  return settingIn(section(file, 'totem'), 'cluster_name') ?? '';
}
