/**
 * The DC stands still for longer than a token, with a service and with a client that writes through it, and goes on: it never acts on the view
 * that is over, nor acknowledges anything in it.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { configureCluster, eventually, Lab, startAgent } from './lab.js';
import { activeTimes, installService, serviceTrace } from './service.js';

const nodes = ['n1', 'n2', 'n3'];
const PAUSES = 3;
/** From its resumption; without standing still a node stops within a token and some hundred ms. */
const STOP_MS = 1500;
const lab = new Lab('paused');

const statusOf = async (node: string) => (await lab.exec(node, 'crm_mon -1')).out;
const whole = (node: string) =>
  eventually(
    `all are online for ${node}`,
    () => statusOf(node),
    (text) => text.includes(`Online: [ ${nodes.join(' ')} ]`),
    60_000,
  );

beforeAll(async () => {
  await lab.up(...nodes);
  const members = nodes.map((name, index) => ({ name, address: `10.77.0.${index + 1}` }));
  await configureCluster(lab, members, '  token: 1000\n  token_coefficient: 0\n');
  for (const node of nodes) {
    await installService(lab, node);
    await startAgent(lab, node);
  }
  await whole('n1');
  await lab.ok(
    'n1',
    `crm configure load update - <<'CRM'
property stonith-enabled=false
rsc_defaults resource-stickiness=100
primitive web ocf:lab:service op monitor interval=1s timeout=5s
CRM`,
  );
  await lab.ok('n1', 'crm_resource --wait');
});
afterAll(() => lab.down());

test('a node that stood still does nothing in the view that it was in', { timeout: 180_000 }, async () => {
  for (let turn = 1; turn <= PAUSES; turn++) {
    const dc = /Current DC: (\S+)/.exec(await statusOf('n1'))![1]!;
    const other = nodes.find((node) => node !== dc)!;
    await lab.ok('n1', `crm resource move web ${dc} force && crm_resource --wait && crm resource clear web`);
    lab.start(
      dc,
      `i=0; while :; do i=$((i + 1)); crm_attribute -t crm_config -n count-${turn} -v $i && echo $i >>/root/acknowledged-${turn}; done`,
    );
    await eventually(
      'the client has written',
      () => lab.exec(dc, `cat /root/acknowledged-${turn}`),
      ({ code }) => code === 0,
    );
    await lab.lab('pause', dc);
    await eventually(
      `the others go on without ${dc}`,
      () => statusOf(other),
      (text) =>
        text.includes(`OFFLINE: [ ${dc} ]`) && /Started n\d/.test(text) && !text.includes(`Started ${dc}`),
      60_000,
    );
    await lab.ok(other, `crm_attribute -t crm_config -n others-${turn} -v written`);
    const resumedAtMs = Date.now();
    await lab.lab('resume', dc);
    await whole(other);
    await whole(dc);
    await lab.exec(dc, 'pkill -f acknowledged-');
    await lab.ok('n1', 'crm_resource --wait');

    const times = activeTimes(await serviceTrace(lab, nodes));
    const stale = times.find(({ node, fromMs, untilMs }) => {
      return node === dc && fromMs < resumedAtMs && untilMs > resumedAtMs;
    });
    expect((stale?.untilMs ?? resumedAtMs) - resumedAtMs).toBeLessThan(STOP_MS);
    const log = await lab.ok(dc, 'cat /var/log/quorate/quorated.log');
    const since = log.split('\n').filter((line) => Date.parse(line.split(' ')[0]!) >= resumedAtMs);
    const first = since.findIndex((line) => / info: membership: view /.test(line));
    expect(first).toBeGreaterThanOrEqual(0);
    expect(since.slice(0, first).filter((line) => / info: (transition|operation|cib): /.test(line))).toEqual(
      [],
    );
    const acknowledged = (await lab.ok(dc, `cat /root/acknowledged-${turn}`)).trim().split('\n').map(Number);
    const value = Number(await lab.ok(other, `crm_attribute -t crm_config -n count-${turn} -G -q`));
    expect(value).toBeGreaterThanOrEqual(acknowledged.at(-1)!);
    expect(await lab.ok(dc, `crm_attribute -t crm_config -n others-${turn} -G -q`)).toBe('written\n');
    const documents = await Promise.all(nodes.map((node) => lab.ok(node, 'cibadmin -Q')));
    expect(new Set(documents).size).toBe(1);
  }
});
