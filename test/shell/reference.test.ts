import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Command, Level } from '../../src/shell/command.js';
import { usage } from '../../src/shell/command.js';
import { describe as describeTopic } from '../../src/shell/help.js';
import { rootLevel } from '../../src/shell/levels/root.js';
import { lookUp, rowsOf } from '../../src/shell/lookup.js';
import { everywhere } from '../../src/shell/navigation.js';
import { OPTIONS } from '../../src/shell/options.js';
import { TOPICS } from '../../src/shell/topics.js';
import { openShell } from './fixture.js';
import { MISSING } from './missing.js';

/** Commands of crmsh 4.4.1 and 5.1, level by level, as its manual lists them. */
const REFERENCE: Readonly<Record<string, string>> = {
  '': 'status verify report cib cibstatus cluster configure corosync history maintenance node options ra resource script site cd help ls quit up',
  cib: 'new use delete reset commit diff list import cibstatus',
  cibstatus: 'load save origin show node op quorum ticket run simulate',
  ra: 'classes providers list info meta validate',
  resource:
    'status show list start stop restart promote demote manage unmanage maintenance move migrate ban clear unmove unmigrate unban cleanup refresh reprobe operations constraints failcount meta param utilization secret locate scores trace untrace',
  node: 'show list standby online maintenance ready fence clearstate delete attribute utilization status-attr server',
  site: 'ticket',
  maintenance: 'on off action',
  cluster:
    'init join add remove delete start stop restart enable disable status health run copy diff rename wait_for_startup geo_init geo_join geo_init_arbitrator crash_test',
  corosync: 'status show edit get set diff push pull reload log add-node del-node link',
  history:
    'source limit timeframe setnodes info latest resource node log events exclude detail peinputs transitions transition show diff wdiff graph session refresh',
  script: 'list show info describe verify run json',
  options:
    'show list set save reset skill-level editor pager user output colorscheme check-frequency check-mode sort-elements wait add-quotes manage-children',
  configure:
    'show save edit filter load set modgroup rename delete rm erase refresh default-timeouts commit verify ptest simulate schema upgrade get_property get-property validate-all rsctest graph xml template ra cib cibstatus history assist node primitive rsc_template group clone ms master bundle location colocation collocation order rsc_ticket property rsc_defaults op_defaults fencing_topology tag role acl_target user alert monitor',
  'configure template': 'new load edit show apply delete list',
  'configure assist': 'template weak-bond weak_bond',
  sbd: 'status configure device purge',
};

async function levelAt(path: readonly string[]): Promise<Level | null> {
  let level = rootLevel;
  for (const name of path) {
    const reference = level.levels.find((candidate) => candidate.name === name);
    if (!reference) return null;
    try {
      level = await reference.load();
    } catch {
      return null;
    }
  }
  return level;
}

async function* commandsBelow(level: Level, path: readonly string[]): AsyncGenerator<[string[], Command]> {
  for (const row of level.commands) yield [[...path, row.name], row];
  for (const reference of level.levels) {
    // A level that stands in two places is walked once.
    if (path.length > 0 && rootLevel.levels.some(({ name }) => name === reference.name)) continue;
    const below = await levelAt([...path, reference.name]);
    if (below) yield* commandsBelow(below, [...path, reference.name]);
  }
}

describe('every command of the reference', () => {
  const missing = (path: string, name: string) =>
    MISSING[`${path} ${name}`.trim()] ?? MISSING[path.split(' ')[0]!] ?? MISSING[path];

  it.each(Object.entries(REFERENCE))(
    'of level "%s" is there, or is listed as missing',
    async (path, names) => {
      const level = await levelAt(path === '' ? [] : path.split(' '));
      const absent: string[] = [];
      const listed: string[] = [];
      for (const name of names.split(' ')) {
        const found = level && lookUp(rowsOf(level, everywhere), name);
        const there =
          found?.kind === 'found' &&
          (found.name === name ||
            (found.row.kind === 'command' &&
              [...found.row.command.aliases, ...found.row.command.synonyms].includes(name)));
        if (there && MISSING[`${path} ${name}`.trim()] !== undefined && level) {
          const loads = await levelAt([...path.split(' ').filter(Boolean), name]);
          if (found.row.kind === 'command' || loads) listed.push(name);
        }
        if (!there && missing(path, name) === undefined) absent.push(name);
      }
      expect(absent, 'neither implemented nor listed as missing').toEqual([]);
      expect(listed, 'implemented, so no longer missing').toEqual([]);
    },
  );
});

describe('every command', () => {
  it('has a summary and help, its own or from its arguments', async () => {
    const bare: string[] = [];
    for await (const [path, row] of commandsBelow(rootLevel, [])) {
      if (row.hidden) continue;
      if (row.summary.trim() === '' || row.help.trim() === '') bare.push(path.join(' '));
    }
    for (const row of everywhere) if (row.help === '') bare.push(row.name);
    expect(bare).toEqual([]);
  });

  it('is explained by `help LEVEL COMMAND`, with its usage', async () => {
    for await (const [path, row] of commandsBelow(rootLevel, [])) {
      if (row.hidden) continue;
      const text = await describeTopic(rootLevel, path, everywhere);
      expect(text, path.join(' ')).toContain(row.summary);
      expect(text, path.join(' ')).toContain(row.args.length > 0 ? usage(row) : row.name);
    }
  });

  it('has arguments in a sensible order: needed, optional, repeated', async () => {
    for await (const [path, row] of commandsBelow(rootLevel, [])) {
      const kinds = row.args.map(({ optional, repeated }) => (repeated ? 2 : optional ? 1 : 0));
      expect(kinds, path.join(' ')).toEqual([...kinds].sort());
      expect(kinds.filter((kind) => kind === 2).length, path.join(' ')).toBeLessThan(2);
    }
  });

  it('has a name of its own at its level', async () => {
    const seen = new Map<string, string>();
    for await (const [path, row] of commandsBelow(rootLevel, [])) {
      for (const name of [row.name, ...row.aliases, ...row.synonyms]) {
        const key = [...path.slice(0, -1), name].join(' ');
        expect(seen.get(key), key).toBeUndefined();
        seen.set(key, row.name);
      }
    }
  });
});

describe('options', () => {
  it('that the shell reads are all defined', () => {
    const read: string[] = [];
    const visit = (folder: URL): void => {
      for (const entry of readdirSync(folder, { withFileTypes: true })) {
        if (entry.isDirectory()) visit(new URL(`${entry.name}/`, folder));
        else {
          const text = readFileSync(new URL(entry.name, folder), 'utf8');
          for (const [, key] of text.matchAll(/options\.(?:get|is)\('([\w.]+)'/g)) read.push(key!);
        }
      }
    };
    visit(new URL('../../src/shell/', import.meta.url));
    const known = new Set(OPTIONS.map(({ key }) => key));
    expect(read.length).toBeGreaterThan(5);
    expect(read.filter((key) => !known.has(key))).toEqual([]);
  });
});

describe('help', () => {
  it('without a topic is the overview, at a level that level', async () => {
    const shell = openShell();
    await shell.run('help');
    expect(shell.out).toContain('Available topics:');
    expect(shell.out).toContain('\tresource/');
    const inside = openShell();
    await inside.run('site');
    await inside.run('help');
    expect(inside.out).toContain('ticket           Manage site tickets');
  });

  it.each(TOPICS.filter(({ text }) => text !== '').map(({ name, title }) => [name, title]))(
    'explains the topic %s',
    async (name, title) => {
      const shell = openShell();
      expect(await shell.run(`help ${name}`)).toBe('done');
      expect(shell.out.startsWith(title)).toBe(true);
    },
  );

  it('finds a command by its name alone, and after --help', async () => {
    const shell = openShell();
    await shell.run('help cleanup');
    expect(shell.out).toContain('Cleanup resource status');
    const flag = openShell();
    await flag.run('resource move --help');
    expect(flag.out).toContain('move RSC [NODE] [LIFETIME] [force]');
    expect(flag.cluster.commits).toEqual([]);
  });

  it('says so where there is none', async () => {
    const shell = openShell();
    expect(await shell.run('help nosuch')).toBe('failed');
    expect(shell.messages[0]).toBe(
      "ERROR: help: No help found for 'nosuch'! 'overview' lists all help entries",
    );
  });
});
