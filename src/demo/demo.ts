/**
 * `npm run demo`: a three-node cluster on loopback addresses, without root. A real HTTP service runs on it, the node
 * that serves is killed, another takes over, and everything is measured from a client's side.
 */
import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { ClusterEvent, ClusterState } from '../protocol/messages.js';
import { ask } from './agent.js';
import { Client } from './client.js';
import { BIN, type DemoNode, environment, layOut, powerOff, powerOn, processesOf, remove } from './nodes.js';

const SERVICE_ADDRESS = '127.0.1.100';
const START_TIMEOUT_MS = 30_000;

/** What an operator would type; loaded through `crm` as it stands. */
function configuration(servicePort: number): string {
  return `property stonith-enabled=false no-quorum-policy=stop
rsc_defaults resource-stickiness=100
primitive web ocf:quorate:http-server \\
    params ip=${SERVICE_ADDRESS} port=${servicePort} \\
    op start timeout=20s interval=0 \\
    op stop timeout=20s interval=0 \\
    op monitor interval=10s timeout=20s
primitive note ocf:quorate:http-server \\
    params ip=${SERVICE_ADDRESS} port=${servicePort + 1} message="notes of the day" \\
    op monitor interval=10s timeout=20s
colocation note-with-web inf: note web
order web-first Mandatory: web note
`;
}

const colour = process.stdout.isTTY && !process.env.NO_COLOR;
const paint = (code: string, text: string) => (colour ? `\u001b[${code}m${text}\u001b[0m` : text);
const bold = (text: string) => paint('1', text);
const dim = (text: string) => paint('2', text);

class DemoFailure extends Error {}

function heading(text: string): void {
  console.log(`\n${bold(text)}`);
}

/** Shows what is being waited for, and how long it took. */
async function step<T>(text: string, work: () => Promise<T>): Promise<T> {
  const started = performance.now();
  process.stdout.write(`  ${text} ...`);
  const result = await work();
  process.stdout.write(` done ${dim(`(${((performance.now() - started) / 1000).toFixed(1)} s)`)}\n`);
  return result;
}

/** Runs `crm` on a node, the client's loop going on meanwhile; what it printed. */
function crm(node: DemoNode, words: readonly string[], input = ''): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(join(BIN, 'crm'), words, { env: environment(node), stdio: ['pipe', 'pipe', 'pipe'] });
    let printed = '';
    let complaints = '';
    child.stdout.on('data', (data) => {
      printed += data;
    });
    child.stderr.on('data', (data) => {
      complaints += data;
    });
    child.on('error', (error) => reject(new DemoFailure(`crm does not run: ${error.message}`)));
    child.on('close', (status) => {
      if (status === 0) resolve(printed);
      else reject(new DemoFailure(`crm ${words.join(' ')} ended with ${status}:\n${printed}${complaints}`));
    });
    child.stdin.end(input);
  });
}

function indent(text: string): string {
  return text.replace(/^(?=.)/gm, '    ');
}

/** A free UDP and TCP port number on all the demo's addresses would need a try; a free TCP port is a good guess. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.on('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new DemoFailure('no free port');
  return address.port;
}

async function until<T>(what: string, timeoutMs: number, look: () => Promise<T | undefined>): Promise<T> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const seen = await look();
    if (seen !== undefined) return seen;
    if (performance.now() > deadline) throw new DemoFailure(`${what}: not after ${timeoutMs / 1000} s`);
    await pause(50);
  }
}

async function state(node: DemoNode): Promise<ClusterState | undefined> {
  return ask(node.root, 'cluster.state', {});
}

/** All nodes of the cluster are members of one view with a DC. */
async function settled(nodes: readonly DemoNode[]): Promise<ClusterState | undefined> {
  let last: ClusterState | undefined;
  for (const node of nodes) {
    const seen = await state(node);
    if (!seen?.quorate || seen.dc === null) return undefined;
    if (seen.members.filter((member) => member.online).length !== nodes.length) return undefined;
    if (last && last.viewId !== seen.viewId) return undefined;
    last = seen;
  }
  return last;
}

function showTimeline(events: readonly ClusterEvent[], deathMs: number, servedMs: number): void {
  const lines = events
    .filter((event) => event.atMs >= deathMs - 5 && event.atMs <= servedMs + 250)
    .map((event) => ({ atMs: event.atMs, who: event.node, text: event.text }));
  lines.push({ atMs: deathMs, who: 'demo', text: 'SIGKILL to every process of the node' });
  lines.push({ atMs: servedMs, who: 'client', text: 'the service answers again' });
  lines.sort((a, b) => a.atMs - b.atMs);
  for (const line of lines) {
    const at = `+${Math.round(line.atMs - deathMs)} ms`.padStart(10);
    console.log(`  ${dim(at)}  ${line.who.padEnd(7)} ${line.text}`);
  }
}

async function main(): Promise<void> {
  const port = await freePort();
  const servicePort = 8080 + (port % 1000) * 2;
  const { directory, nodes } = layOut(['n1', 'n2', 'n3'], port);
  const url = `http://${SERVICE_ADDRESS}:${servicePort}/`;
  let client: Client | undefined;
  let cleaned = false;
  let prompting = false;
  const clean = () => {
    if (cleaned) return;
    cleaned = true;
    client?.stop();
    for (const node of nodes) powerOff(node);
    remove(directory);
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      // Ctrl-C belongs to the prompt while it runs.
      if (prompting && signal === 'SIGINT') return;
      clean();
      process.exit(128 + (signal === 'SIGINT' ? 2 : signal === 'SIGTERM' ? 15 : 1));
    });
  }
  process.on('exit', clean);

  heading('A cluster of three nodes on this machine, without root');
  for (const node of nodes) powerOn(node);
  const first = await step('the agents find each other and agree on a coordinator', () =>
    until('a view of three nodes', START_TIMEOUT_MS, () => settled(nodes)),
  );
  console.log(
    `  view ${first.viewId}, ${first.votes.total} of ${first.votes.expected} votes, DC is ${first.dc}`,
  );

  heading('A configuration in crm syntax, loaded through crm');
  const text = configuration(servicePort);
  console.log(dim(indent(text.trimEnd())));
  await step('crm configure load update -', async () =>
    crm(nodes[0]!, ['configure', 'load', 'update', '-'], text),
  );
  client = new Client(url);
  const started = await step(`the service answers at ${url}`, async () => {
    const sighting = await client!.until((seen) => seen.node !== null, START_TIMEOUT_MS);
    if (!sighting) throw new DemoFailure(`no answer from ${url}`);
    return sighting;
  });
  const victim = nodes.find((node) => node.name === serving(started.node));
  if (!victim) throw new DemoFailure(`answered by "${started.node}", which is no node of this cluster`);
  const survivors = nodes.filter((node) => node !== victim);
  await until('an idle cluster', START_TIMEOUT_MS, async () =>
    (await ask(survivors[0]!.root, 'cluster.wait-idle', { timeoutMs: 10_000 }))?.idle ? true : undefined,
  );
  console.log(`\n  $ crm status\n${indent(await crm(survivors[0]!, ['status']))}`);

  heading(`Killing ${victim.name}, which serves`);
  const lastBefore = client.sightings.findLast((seen) => seen.node !== null)!;
  const deathMs = Date.now();
  const answered = client.until(
    (seen) => seen.node !== null && serving(seen.node) !== victim.name,
    START_TIMEOUT_MS,
  );
  const killed = powerOff(victim);
  const back = await answered;
  if (!back) throw new DemoFailure(`no other node took over within ${START_TIMEOUT_MS / 1000} s`);
  console.log(`  ${killed} processes killed; ${serving(back.node)} answers now`);
  const lastAnswer = client.sightings.findLast(
    (seen) => seen.node !== null && serving(seen.node) === victim.name,
  );
  const downtime = back.atMs - Math.max(lastAnswer?.atMs ?? lastBefore.atMs, 0);
  console.log(`  ${bold(`service down for ${downtime} ms`)} as the client saw it (token: 1000 ms)\n`);
  // What was started is an event only when its result is known.
  await ask(survivors[0]!.root, 'cluster.wait-idle', { timeoutMs: 10_000 });
  const history = await ask(survivors[0]!.root, 'history.events', { sinceMs: deathMs - 1000, all: true });
  showTimeline(history?.events ?? [], deathMs, back.atMs);

  heading(`${victim.name} comes back`);
  powerOn(victim);
  await step(`${victim.name} joins`, () => until('three members', START_TIMEOUT_MS, () => settled(nodes)));
  await until('an idle cluster', START_TIMEOUT_MS, async () =>
    (await ask(survivors[0]!.root, 'cluster.wait-idle', { timeoutMs: 10_000 }))?.idle ? true : undefined,
  );
  console.log(`\n  $ crm status\n${indent(await crm(nodes[0]!, ['status']))}`);
  client.stop();

  if (process.stdin.isTTY && process.stdout.isTTY) {
    heading('Your turn');
    console.log(
      `  The cluster runs until you leave: try ${bold('status')}, ${bold('configure show')}, ${bold('node standby n2')}, ${bold('help')}; ${bold('quit')} ends the demo.\n`,
    );
    prompting = true;
    await prompt(survivors[0]!);
    prompting = false;
  } else {
    console.log(dim('\n  (no terminal: the prompt crm(live/n1)# is left out)'));
  }
  await step('stopping the cluster', async () => clean());
  const left = nodes.flatMap(processesOf);
  if (left.length > 0) throw new DemoFailure(`still running: ${left.join(' ')}`);
}

/** The node named on the service's page. */
function serving(page: string | null): string | null {
  return page === null ? null : (/\b(n[123])\b/.exec(page)?.[1] ?? page);
}

function prompt(node: DemoNode): Promise<void> {
  return new Promise((resolve) => {
    const shell = spawn(join(BIN, 'crm'), [], { env: environment(node), stdio: 'inherit' });
    shell.on('error', () => resolve());
    shell.on('exit', () => resolve());
  });
}

try {
  await main();
} catch (error) {
  if (!(error instanceof DemoFailure)) throw error;
  process.stdout.write('\n');
  console.error(`demo: ${error.message}`);
  process.exitCode = 1;
}
// The client's and connections' sockets must not keep a finished demo alive.
process.exit();
