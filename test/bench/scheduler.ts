/**
 * `npm run bench`: how long decisions take, ours in this process against the real crm_simulate's own timing
 * (`--profile`, which counts neither its start nor its output).
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Element } from '../../src/cib/element.js';
import { acceptSchema } from '../../src/cib/validity.js';
import { parseXml, writeXml } from '../../src/cib/xml.js';
import { schedule } from '../../src/scheduler/index.js';

const REAL = process.env.QUORATE_CRM_SIMULATE ?? '/usr/sbin/crm_simulate';
const corpus = join(process.env.QUORATE_CORPUS ?? '../shared/corpus', 'scheduler/xml');
const REPEAT = Number(process.env.REPEAT ?? '5');

/** CPU seconds that some work takes. */
function seconds(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

function realSeconds(folder: string, repeat: number): number | undefined {
  if (!existsSync(REAL)) return undefined;
  const text = execFileSync(REAL, ['--profile', folder, '--repeat', String(repeat)], {
    env: { PATH: '/usr/sbin:/usr/bin:/bin', TZ: 'UTC', LC_ALL: 'C' },
    encoding: 'utf8',
    maxBuffer: 1 << 26,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  return [...text.matchAll(/\.\.\. ([\d.]+) secs/g)].reduce((sum, match) => sum + Number(match[1]), 0);
}

function report(name: string, own: number, real: number | undefined): void {
  const ratio =
    real === undefined
      ? 'no crm_simulate here'
      : `crm_simulate ${real.toFixed(2)} s, ratio ${(own / real).toFixed(2)}`;
  console.log(`${name}: ${own.toFixed(2)} s, ${ratio}`);
}

/** As the real tool is timed: a file is read and made valid once, and decided about REPEAT times. */
function benchCorpus(): void {
  if (!existsSync(corpus)) {
    console.log(`no corpus at ${corpus}`);
    return;
  }
  const texts = readdirSync(corpus).map((name) => readFileSync(join(corpus, name), 'utf8'));
  const run = (repeat: number) => {
    for (const text of texts) {
      const { cib } = acceptSchema(parseXml(text));
      for (let i = 0; i < repeat; i++) schedule(cib!, { nowMs: 1_700_000_000_000 });
    }
  };
  run(1);
  report(
    `corpus (${texts.length} cases, ${REPEAT} times)`,
    seconds(() => run(REPEAT)),
    realSeconds(corpus, REPEAT),
  );
}

/** A large cluster: groups and primitives that run, with constraints between neighbours. */
export function largeCluster(nodeCount: number, resourceCount: number): Element {
  const configuration = new Element('configuration');
  const options = configuration
    .append(new Element('crm_config'))
    .append(new Element('cluster_property_set', { id: 'options' }));
  options.append(new Element('nvpair', { id: 'options-stonith', name: 'stonith-enabled', value: 'false' }));
  const nodes = configuration.append(new Element('nodes'));
  const resources = configuration.append(new Element('resources'));
  const constraints = configuration.append(new Element('constraints'));
  const status = new Element('status');
  const histories: Element[] = [];
  for (let i = 1; i <= nodeCount; i++) {
    nodes.append(new Element('node', { id: String(i), uname: `node${i}` }));
    const history = new Element('lrm_resources');
    histories.push(history);
    const state = {
      id: String(i),
      uname: `node${i}`,
      in_ccm: 'true',
      crmd: 'online',
      join: 'member',
      expected: 'member',
    };
    status.append(new Element('node_state', state, [new Element('lrm', { id: String(i) }, [history])]));
  }
  for (let i = 0; i < resourceCount; i++) {
    const id = `rsc${i}`;
    const monitor = new Element('op', { id: `${id}-monitor`, name: 'monitor', interval: '10s' });
    resources.append(
      new Element('primitive', { id, class: 'ocf', provider: 'pacemaker', type: 'Dummy' }, [
        new Element('operations', [], [monitor]),
      ]),
    );
    for (const [at, history] of histories.entries()) {
      const active = at === i % nodeCount;
      const operation = (name: string, task: string, rc: number, interval: number) =>
        new Element('lrm_rsc_op', {
          id: `${id}_${name}`,
          operation_key: `${id}_${task}_${interval}`,
          operation: task,
          crm_feature_set: '3.16.1',
          'transition-key': `1:1:${rc}:11111111-2222-3333-4444-555555555555`,
          'transition-magic': `0:${rc};1:1:${rc}:11111111-2222-3333-4444-555555555555`,
          'call-id': '1',
          'rc-code': String(rc),
          'op-status': '0',
          interval: String(interval),
        });
      const done = active
        ? [operation('last_0', 'start', 0, 0), operation('monitor_10000', 'monitor', 0, 10000)]
        : [operation('last_0', 'monitor', 7, 0)];
      history.append(
        new Element('lrm_resource', { id, class: 'ocf', provider: 'pacemaker', type: 'Dummy' }, done),
      );
    }
    if (i % 10 === 1) {
      constraints.append(
        new Element('rsc_order', [
          ['id', `order${i}`],
          ['first', `rsc${i - 1}`],
          ['then', id],
        ]),
      );
    }
    if (i % 10 === 2) {
      constraints.append(
        new Element('rsc_colocation', { id: `with${i}`, rsc: id, 'with-rsc': `rsc${i - 1}`, score: '100' }),
      );
    }
    if (i % 10 === 3) {
      constraints.append(
        new Element('rsc_location', {
          id: `at${i}`,
          rsc: id,
          node: `node${(i % nodeCount) + 1}`,
          score: '50',
        }),
      );
    }
  }
  const attributes = {
    'validate-with': 'pacemaker-3.9',
    epoch: '1',
    num_updates: '0',
    admin_epoch: '0',
    'have-quorum': '1',
  };
  return new Element('cib', attributes, [configuration, status]);
}

function benchLarge(nodeCount: number, resourceCount: number, withReal: boolean): void {
  const cib = largeCluster(nodeCount, resourceCount);
  const own = seconds(() => schedule(cib, { nowMs: 1_700_000_000_000 }));
  let real: number | undefined;
  if (withReal) {
    const folder = mkdtempSync(join(tmpdir(), 'quorate-bench-'));
    try {
      writeFileSync(join(folder, 'cib.xml'), writeXml(cib));
      real = realSeconds(folder, 1);
    } finally {
      rmSync(folder, { recursive: true });
    }
  }
  report(`${nodeCount} nodes, ${resourceCount} resources`, own, real);
}

benchCorpus();
// Twice the resources should take about twice the time.
for (const count of [250, 500, 1000, 2000]) benchLarge(32, count, count === 2000);
