import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseXml } from '../../src/cib/xml.js';
import type { Connection } from '../../src/connection/connection.js';
import { writePage } from '../../src/monitor/html.js';
import { surroundings } from '../../src/monitor/main.js';
import { parseOptions, parseTimeSpec } from '../../src/monitor/options.js';
import { item, list } from '../../src/monitor/outline.js';
import { makePlan } from '../../src/monitor/plan.js';
import { crmMon } from '../../src/monitor/program.js';
import { chooseSections, defaultSections } from '../../src/monitor/sections.js';
import { readableInterval } from '../../src/monitor/terms.js';
import { compareNames } from '../../src/monitor/view.js';
import type { FencingHistoryEntry, Method } from '../../src/protocol/messages.js';
import { type Cluster, cibOf, dummy, NOW_MS } from './status-of.js';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const corpus = join(process.env.QUORATE_CORPUS ?? resolve(root, '../shared/corpus'), 'cli/mon/cibs');
let folder = '';
const zone = process.env.TZ;
beforeAll(() => {
  process.env.TZ = 'UTC';
  folder = mkdtempSync(join(tmpdir(), 'quorate-output-'));
});
afterAll(() => {
  if (zone === undefined) delete process.env.TZ;
  else process.env.TZ = zone;
  rmSync(folder, { recursive: true, force: true });
});

const CLUSTER: Cluster = {
  resources: `<group id="web">${dummy('vip')}${dummy('www')}</group><clone id="c"><primitive id="p" class="ocf" provider="pacemaker" type="ping"/></clone>`,
  constraints:
    '<rsc_location id="ban" rsc="web" node="bravo" score="-INFINITY"/><rsc_ticket id="t" rsc="web" ticket="site"/>',
  operations: [
    { node: 'alpha', resource: 'vip' },
    { node: 'alpha', resource: 'vip', task: 'monitor', intervalMs: 10_000, rc: 1, reason: 'a "b" <c> & d' },
    { node: 'alpha', resource: 'p' },
  ],
  attributes: { 'alpha/pingd': '100', 'alpha/fail-count-vip#monitor_10000': '2' },
};

/** An agent that answers from a CIB and a fencing history. */
function agent(cluster: Cluster, fencing: readonly FencingHistoryEntry[] | undefined): Connection {
  const unsupported = {
    ok: false as const,
    error: { kind: 'unsupported' as const, message: 'no such thing' },
  };
  return {
    target: { kind: 'agent', name: 'alpha', host: null },
    readCib: async () => ({ ok: true, value: parseXml(cibOf(cluster)) }),
    commit: async () => unsupported,
    state: async () => unsupported,
    call: async (method: Method) =>
      (method === 'fencing.history' && fencing
        ? { ok: true, value: { entries: fencing } }
        : unsupported) as never,
    subscribe: async () => unsupported,
    closed: new Promise(() => {}),
    close: async () => {},
  };
}

/** Runs crm_mon on a file, or on an agent where a fencing history is given. */
async function run(words: string, cluster: Cluster = CLUSTER, fencing?: readonly FencingHistoryEntry[]) {
  const file = join(folder, 'cib.xml');
  writeFileSync(file, cibOf(cluster));
  let out = '';
  let error = '';
  const code = await crmMon(words.split(' '), {
    ...surroundings({ TZ: 'UTC', ...(fencing ? {} : { CIB_file: file }) }),
    ...(fencing ? { open: async () => ({ ok: true as const, value: agent(cluster, fencing) }) } : {}),
    terminal: false,
    nowMs: () => NOW_MS,
    writeOut: (text) => {
      out += text;
    },
    writeError: (text) => {
      error += text;
    },
  });
  return { code, out, error };
}

describe('options', () => {
  it.each([
    ['-1rnA', { oneShot: true, inactive: true, byNode: true }],
    ['-m', { fenceHistory: 2 }],
    ['-m 3', { fenceHistory: 3 }],
    ['--fence-history=0', { fenceHistory: 0 }],
    ['-i 200ms', { intervalMs: 200 }],
    ['--inactive=1 extra words', { inactive: true }],
    ['-H root@n1 -H n2', { hosts: ['root@n1', 'n2'] }],
    ['-Lcli-', { changes: [{ kind: 'include', names: 'bans:cli-' }] }],
    [
      '-t -D',
      {
        timing: true,
        changes: [
          { kind: 'include', names: 'operations' },
          { kind: 'exclude', names: 'summary' },
        ],
      },
    ],
  ])('%s', (words, expected) => {
    expect(parseOptions(words.split(' '))).toMatchObject({ options: expected });
  });

  it.each([
    ['--bogus', 'Unknown option --bogus'],
    ['-1z', 'Unknown option -z'],
    ['--node', 'Missing argument for --node'],
    ['-m5', 'Fence history must be 0-3'],
    ['-i PT1S', 'Invalid value for -i: PT1S'],
  ])('%s is refused', async (words, complaint) => {
    expect(parseOptions(words.split(' '))).toEqual({ error: complaint });
    expect(await run(words)).toEqual({ code: 64, out: '', error: `crm_mon: ${complaint}\n` });
  });

  it.each([
    ['5', 5000],
    ['200ms', 200],
    ['1500us', 1],
    ['2 min', 120_000],
    ['1h', 3_600_000],
    ['soon', -1],
    ['5 parsecs', -1],
  ])('the time %s is %d ms', (text, ms) => expect(parseTimeSpec(text)).toBe(ms));

  it('sections are included and excluded from left to right', () => {
    const chosen = (words: string) => {
      const parsed = parseOptions(words.split(' '));
      if ('error' in parsed) throw new Error(parsed.error);
      return [...chooseSections(defaultSections('text'), parsed.options.changes, 'text').sections];
    };
    expect(chosen('-U all -I nodes,tickets')).toEqual(['nodes', 'tickets']);
    expect(chosen('-I none,resources -U resources')).toEqual([]);
    expect(chooseSections(new Set(), [{ kind: 'include', names: 'bans:x,nonsense' }], 'text').error).toMatch(
      /^--include options: all/,
    );
  });

  it.each([
    ['', false, true, 'console', false],
    ['', true, true, 'console', false],
    ['', true, false, 'text', true],
    ['-1', false, true, 'text', true],
    ['--output-as=text', false, false, 'text', false],
    ['--output-as=json', false, true, 'json', true],
    ['--output-to=f', false, true, 'text', true],
  ] as const)('%j from a file: %s, on a terminal: %s, is %s', (words, file, terminal, format, oneShot) => {
    const parsed = parseOptions(words === '' ? [] : words.split(' '));
    if ('error' in parsed) throw new Error(parsed.error);
    expect(makePlan(parsed.options, file, terminal)).toMatchObject({ format, oneShot });
  });
});

describe('text', () => {
  it('ends with status 102 and the reason where no cluster can be reached', async () => {
    const broken = async () => ({
      ok: false as const,
      error: { kind: 'no-agent' as const, message: 'no agent runs here' },
    });
    let error = '';
    const world = {
      ...surroundings({}),
      open: broken,
      terminal: false,
      writeError: (text: string) => (error += text),
    };
    expect(await crmMon(['-1'], world)).toBe(102);
    expect(error).toBe('crm_mon: Connection to cluster failed: no agent runs here\n');
    error = '';
    expect(await crmMon(['-s'], world)).toBe(2);
    expect(error).toBe('crm_mon: CLUSTER CRIT: Connection to cluster failed: no agent runs here\n');
  });

  it('says what is wrong with a file', async () => {
    const file = join(folder, 'broken.xml');
    writeFileSync(file, '<cib>\n  <configuration>');
    let error = '';
    const world = {
      ...surroundings({ CIB_file: file }),
      terminal: false,
      writeError: (text: string) => (error += text),
    };
    expect(await crmMon(['-1'], world)).toBe(0);
    expect(error).toMatch(/^Could not connect to the CIB: .*\n.*broken\.xml:2:\d+: /);
  });

  it('shows fencing of a live cluster: failures and pending by default, all with -m', async () => {
    const entry = {
      target: 'bravo',
      action: 'reboot',
      origin: 'alpha',
      client: 'controld.1',
      delegate: 'alpha',
    };
    const fencing: FencingHistoryEntry[] = [
      { ...entry, delegate: null, state: 'pending', completedAtMs: null, reason: null },
      { ...entry, state: 'success', completedAtMs: NOW_MS - 1000, reason: null },
      { ...entry, state: 'failed', completedAtMs: NOW_MS - 9000, reason: 'No such device' },
    ];
    const shown = (await run('-1', {}, fencing)).out;
    expect(shown).toContain(
      '\nFailed Fencing Actions:\n  * reboot of bravo by alpha for controld.1@alpha last failed (No such device) at 2026-11-21 11:59:51Z (a later attempt from alpha succeeded)\n',
    );
    expect(shown).toContain(
      '\nPending Fencing Actions:\n  * reboot of bravo for controld.1@alpha last pending\n',
    );
    expect(shown).not.toContain('successful');
    const all = (await run('-1 -m', {}, fencing)).out;
    expect(all).toContain(
      '  * reboot of bravo by alpha for controld.1@alpha successful at 2026-11-21 11:59:59Z\n',
    );
    expect((await run('-1 -m 0', {}, fencing)).out).not.toContain('Fencing');
    expect((await run('--output-as=xml', {}, fencing)).out).toContain(
      '<fence_event action="reboot" target="bravo" client="controld.1" origin="alpha" status="failed" exit-reason="No such device" delegate="alpha" completed="2026-11-21 11:59:51Z"/>',
    );
  });

  it.each([
    [0, '0s'],
    [10_000, '10s'],
    [60_000, '60s'],
    [61_000, '1m1000ms'],
    [62_000, '1m2s'],
    [1500, '1.500s'],
    [172_800_000, '2d'],
  ])('%d ms are %s', (ms, text) => expect(readableInterval(ms)).toBe(text));

  it('finds the history of nodes whose ids have capitals', async () => {
    const { out } = await run('-1o', {
      nodes: ['TCS-1', 'TCS-2'],
      resources: dummy('vip'),
      operations: [{ node: 'TCS-2', resource: 'vip' }],
    });
    expect(out).toContain('  * Node: TCS-2:\n    * vip: migration-threshold=1000000:\n      * (1) start\n');
  });

  it('sorts names with numbers as people do', () => {
    expect(['node10', 'Node2', 'node1', 'node02', 'alpha'].sort(compareNames)).toEqual([
      'alpha',
      'node1',
      'Node2',
      'node02',
      'node10',
    ]);
  });
});

describe('HTML', () => {
  it('keeps text with an ampersand, which Pacemaker 2.1.5 loses', () => {
    const page = writePage(
      [{ outline: list('Failures', [item('"gone" & <buried> größe')]), separates: true }],
      { title: 'T', stylesheet: undefined, refreshSec: undefined, cgi: false },
    );
    expect(page).toContain('<ul><li>"gone" &amp; &lt;buried&gt; gr&#xF6;&#xDF;e</li></ul>');
  });
});

/** A small part of JSON Schema: what docs/crm_mon.schema.json uses. */
function complaints(
  schema: Record<string, unknown>,
  value: unknown,
  whole: Record<string, unknown>,
  at = '',
): string[] {
  if (typeof schema.$ref === 'string') {
    const target = schema.$ref
      .replace('#/', '')
      .split('/')
      .reduce<unknown>((here, key) => (here as Record<string, unknown>)[key], whole);
    return complaints(target as Record<string, unknown>, value, whole, at);
  }
  if (Array.isArray(schema.anyOf)) {
    const tries = schema.anyOf.map((one) => complaints(one as Record<string, unknown>, value, whole, at));
    return tries.some((found) => found.length === 0)
      ? []
      : [`${at}: none of the alternatives: ${tries.flat().join('; ')}`];
  }
  if ('const' in schema) return value === schema.const ? [] : [`${at}: not ${schema.const}`];
  if (Array.isArray(schema.enum))
    return schema.enum.includes(value) ? [] : [`${at}: ${value} is not one of ${schema.enum}`];
  const type =
    value === null
      ? 'null'
      : Array.isArray(value)
        ? 'array'
        : Number.isInteger(value)
          ? 'integer'
          : typeof value;
  const types = [schema.type].flat();
  if (!types.includes(type)) return [`${at}: ${type} is not ${types}`];
  if (type === 'array') {
    return (value as unknown[]).flatMap((one, index) =>
      complaints(schema.items as Record<string, unknown>, one, whole, `${at}/${index}`),
    );
  }
  if (type !== 'object') return [];
  const properties = (schema.properties ?? {}) as Record<string, Record<string, unknown>>;
  const missing = ((schema.required ?? []) as string[]).filter((name) => !(name in (value as object)));
  return [
    ...missing.map((name) => `${at}: no ${name}`),
    ...Object.entries(value as object).flatMap(([name, one]) =>
      properties[name]
        ? complaints(properties[name], one, whole, `${at}/${name}`)
        : [`${at}: unknown ${name}`],
    ),
  ];
}

describe('JSON', () => {
  const schema = JSON.parse(readFileSync(join(root, 'docs/crm_mon.schema.json'), 'utf8')) as Record<
    string,
    unknown
  >;

  it('holds what text shows, as its schema says', async () => {
    const { out, code } = await run('--output-as=json');
    expect(code).toBe(0);
    const data = JSON.parse(out);
    expect(complaints(schema, data, schema)).toEqual([]);
    expect(data).toMatchObject({
      summary: { quorate: true, dc: { name: 'alpha' }, nodesConfigured: 2 },
      resources: [
        {
          id: 'web',
          kind: 'group',
          members: [{ id: 'vip', role: 'Started', failed: true, nodes: ['alpha'] }, { id: 'www' }],
        },
        { id: 'c' },
      ],
      failures: [{ operation: 'vip_monitor_10000', node: 'alpha', reason: 'a "b" <c> & d' }],
      bans: [{ id: 'ban', node: 'bravo', score: -1_000_000 }],
      tickets: [{ id: 'site', granted: false }],
    });
    expect(data.history[0].resources[0]).toMatchObject({ id: 'vip', failCount: 2 });
  });

  it.runIf(existsSync(corpus))('of every CIB of the corpus follows the schema', async () => {
    for (const name of readdirSync(corpus)) {
      let out = '';
      const world = {
        ...surroundings({ CIB_file: join(corpus, name) }),
        writeOut: (text: string) => (out += text),
        terminal: false,
      };
      await crmMon(['--output-as=json', '-m3'], world);
      expect([name, complaints(schema, JSON.parse(out), schema)]).toEqual([name, []]);
    }
  });
});

describe('Prometheus', () => {
  it('has metrics under the names of ha_cluster_exporter', async () => {
    const { out } = await run('--output-as=prometheus');
    expect(out).toContain('ha_cluster_pacemaker_nodes{node="alpha",type="member",status="online"} 1\n');
    expect(out).toContain('ha_cluster_pacemaker_fail_count{node="alpha",resource="vip"} 2\n');
    expect(out).toContain(
      'ha_cluster_pacemaker_resources{node="alpha",resource="vip",role="started",managed="true",group="web",clone="",agent="ocf:heartbeat:Dummy",status="failed"} 1\n',
    );
    expect(out).toContain(
      'ha_cluster_pacemaker_location_constraints{constraint="ban",node="bravo",resource="web",role=""} -Inf\n',
    );
  });

  it('is the text format: one HELP and TYPE each, no sample twice', async () => {
    const lines = (await run('--output-as=prometheus')).out.trimEnd().split('\n');
    const names = new Set<string>();
    const samples = new Set<string>();
    let current = '';
    for (const line of lines) {
      const header = /^# (HELP|TYPE) ([a-z_]+) .+$/.exec(line);
      if (header?.[1] === 'HELP') {
        expect(names).not.toContain(header[2]);
        names.add(header[2]!);
        current = header[2]!;
      } else if (!header) {
        const sample = /^([a-z_]+)(\{(?:[a-z_]+="(?:[^"\\\n]|\\.)*",?)*\})? (?:-?[0-9.e+]+|[+-]Inf)$/.exec(
          line,
        );
        expect(sample?.[1], line).toBe(current);
        expect(samples).not.toContain(`${sample![1]}${sample![2]}`);
        samples.add(`${sample![1]}${sample![2]}`);
      }
    }
  });
});

describe("Pacemaker's own schema of the XML", () => {
  const api = '/usr/share/pacemaker/api/api-result-2.25.rng';
  const installed = existsSync(api) && spawnSync('xmllint', ['--version']).status === 0;

  it('says whether it could be asked', () => {
    if (!installed)
      console.log(`XML was not validated: ${api} (pacemaker-common) or xmllint (libxml2-utils) is missing`);
    expect(typeof installed).toBe('boolean');
  });

  it.runIf(installed)(
    'accepts the status of every CIB of the corpus and of a live cluster',
    async () => {
      const files: string[] = [];
      const keep = (name: string, text: string) => {
        files.push(join(folder, name));
        writeFileSync(files.at(-1)!, text);
      };
      for (const name of existsSync(corpus) ? readdirSync(corpus) : []) {
        for (const [index, words] of [[], ['-n', '-m3'], ['-R', '--exclude=nodes']].entries()) {
          let out = '';
          const world = {
            ...surroundings({ CIB_file: join(corpus, name) }),
            writeOut: (text: string) => (out += text),
            terminal: false,
          };
          await crmMon(['--output-as=xml', ...words], world);
          keep(`${index}-${name}`, out);
        }
      }
      const fencing: FencingHistoryEntry[] = [
        {
          target: 'bravo',
          action: 'reboot',
          origin: 'alpha',
          client: 'c',
          delegate: 'alpha',
          state: 'failed',
          completedAtMs: NOW_MS,
          reason: 'no',
        },
        {
          target: 'bravo',
          action: 'reboot',
          origin: 'alpha',
          client: 'c',
          delegate: null,
          state: 'pending',
          completedAtMs: null,
          reason: null,
        },
      ];
      keep('live.xml', (await run('--output-as=xml', CLUSTER, fencing)).out);
      keep('usage.xml', (await run('--output-as=xml --include=foo')).out);
      keep('version.xml', (await run('--output-as=xml --version')).out);
      const lint = spawnSync('xmllint', ['--noout', '--relaxng', api, ...files], { encoding: 'utf8' });
      const bad = lint.stderr.split('\n').filter((line) => line !== '' && !line.endsWith(' validates'));
      expect(bad).toEqual([]);
    },
    60_000,
  );
});
