/**
 * The tutorial of the floating IP (tutorial.test.ts) once more, as somebody does it who sits at a terminal: the whole
 * configuration in one session of the `crm` prompt, with its optional parts: nginx under the cluster's care on both hosts,
 * kept where the address is; checks before the commit; standby, the editor and the monitor from the same prompt.
 */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { configureCluster, eventually, Lab, startAgent } from './lab.js';
import { API_URL, LoadBalancer, RESERVED_IP, TOKEN } from './load-balancer.js';
import { Page } from './page.js';
import type { Terminal } from './terminal.js';

const nodes = [
  { name: 'primary', address: '10.77.0.1' },
  { name: 'secondary', address: '10.77.0.2' },
];
const lab = new Lab('floating-ip-prompt');
const story = new Page(lab, 'floating-ip', 'The configuration, in one session');
const web = new LoadBalancer(lab, nodes);
let prompt: Terminal;

const status = (): Promise<string> => lab.ok('secondary', 'crm status');

/** Types a line, and waits for what it makes the screen show. */
async function type(line: string, shows: string | RegExp): Promise<void> {
  prompt.type(`${line}\r`);
  await prompt.shows(shows, 30_000);
}

/** The screen's lines since the last prompt that was typed at. */
const atPrompt = (level: string, typed = ''): RegExp =>
  new RegExp(`crm\\(live/primary\\)${level}# ?${typed}$`);

beforeAll(async () => {
  await lab.up('primary', 'secondary');
  await web.prepare();
  await configureCluster(lab, nodes);
  await Promise.all(nodes.map(({ name }) => startAgent(lab, name)));
  await eventually(
    'both nodes are online',
    async () => (await lab.exec('primary', 'crm status')).out,
    (text) => /Online: \[ primary secondary \]/.test(text),
    60_000,
  );
  await lab.write('primary', '/root/editor', '#!/bin/sh\nsed -i "s/interval=10s/interval=5s/" "$1"\n', '755');
  prompt = lab.terminal('primary', 'EDITOR=/root/editor crm');
});
afterAll(() => lab.down());
beforeEach(({ onTestFailed }) => {
  onTestFailed(async () => {
    console.log(`--- the screen\n${prompt.text()}`);
    await lab.explain(['primary']);
  });
});

test('crm, then configure', async () => {
  await prompt.shows(atPrompt(''), 30_000);
  await type('configure', atPrompt('configure'));
});

test('the properties, the address, nginx on both hosts, and what keeps them together: typed, not yet committed', async () => {
  await type('property stonith-enabled=false', atPrompt('configure'));
  await type('property no-quorum-policy=ignore', atPrompt('configure'));
  prompt.type(
    `primitive FloatIP ocf:digitalocean:floatip params do_token=${TOKEN} floating_ip=${RESERVED_IP} api_url=${API_URL}\r`,
  );
  prompt.type(
    'primitive Nginx ocf:heartbeat:nginx params httpd=/usr/sbin/nginx op start timeout=40s interval=0 op monitor timeout=30s interval=10s on-fail=restart op stop timeout=60s interval=0\r',
  );
  prompt.type('clone Nginx-clone Nginx\r');
  prompt.type('colocation FloatIP-Nginx inf: FloatIP Nginx-clone\r');
  await type('show FloatIP-Nginx', /\ncolocation FloatIP-Nginx inf: FloatIP Nginx-clone\n/);
  expect(await status()).toMatch(/0 resource instances configured/);
});

test('a mistake is explained, and typed again', async () => {
  await type(
    'order nginx-first Mandatory: Nginx-clon FloatIP',
    /Nginx-clon\b[\s\S]*does not exist|Nginx-clone/,
  );
  await type('verify', atPrompt('configure'));
  await type('delete nginx-first', atPrompt('configure'));
  // Tab completes what stands in the configuration.
  prompt.type('order nginx-first Mandatory: Nginx-cl\t');
  await prompt.shows(/order nginx-first Mandatory: Nginx-clone/);
  await type(' FloatIP', atPrompt('configure'));
  await type('verify', atPrompt('configure'));
});

test('commit: the page is served over the address', async () => {
  web.startLoop();
  await type('commit', atPrompt('configure'));
  await type('up', atPrompt(''));
  const host = await eventually(
    'FloatIP runs',
    async () => /\* FloatIP\s.*Started (\w+)/.exec(await status())?.[1],
    (found) => found !== undefined,
  );
  await web.loop.servedBy(host!);
  await type('status', /Clone Set: Nginx-clone \[Nginx\]:\s+\* Started: \[ primary secondary \]/);
});

test('node standby, node online, from the same prompt', async () => {
  const since = Date.now();
  const host = /\* FloatIP\s.*Started (\w+)/.exec(await status())![1]!;
  const other = host === 'primary' ? 'secondary' : 'primary';
  prompt.type(`node standby ${host}\r`);
  await web.loop.servedBy(other);
  console.log(`standby typed at the prompt: ${web.loop.longestGapMs(since)} ms without an answer`);
  prompt.type(`node online ${host}\r`);
  await eventually('it is online', status, (text) => /Online: \[ primary secondary \]/.test(text));
});

test('configure edit, with the editor that $EDITOR names', async () => {
  await type('configure edit Nginx', atPrompt(''));
  await eventually(
    'the monitor is twice as often',
    () => lab.ok('secondary', 'crm configure show Nginx'),
    (text) => /op monitor timeout=30s interval=5s on-fail=restart/.test(text),
  );
});

test('quit; what was typed is the cluster’s configuration', async () => {
  prompt.type('quit\r');
  expect(await prompt.exited).toBe(0);
  const text = await lab.ok('secondary', 'crm configure show');
  for (const line of [
    /^primitive FloatIP ocf:digitalocean:floatip \\\n\tparams do_token=\S+ floating_ip=203\.0\.113\.10/m,
    /^clone Nginx-clone Nginx$/m,
    /^colocation FloatIP-Nginx inf: FloatIP Nginx-clone$/m,
    /^order nginx-first Mandatory: Nginx-clone FloatIP$/m,
  ]) {
    expect(text).toMatch(line);
  }
});

test('the host that serves is killed', async () => {
  const host = /\* FloatIP\s.*Started (\w+)/.exec(await status())![1]!;
  const other = host === 'primary' ? 'secondary' : 'primary';
  const since = Date.now();
  await lab.lab('crash', host);
  await web.loop.servedBy(other, 60_000);
  console.log(`host killed, token 3000: ${web.loop.longestGapMs(since)} ms without an answer`);
});

test('the page says what was typed and seen here', () => story.expectAllDone());
