/**
 * `npm run bench -- downtime [--runs N] [--nodes N] [--token MS] [--coefficient MS] [--peer PATH] [--alone]`: for how long a service is down when its
 * node loses power, ours against the real Corosync + Pacemaker with the same token, by turns in one run. Needs root, and
 * for the peer a script that starts one on a lab's nodes (default ../shared/lab/peer; without it, or with --alone, ours alone is measured).
 *
 * With more than two nodes Corosync adds `token_coefficient` (650 ms) to the token for each: --coefficient sets it, for ours alone.
 *
 * Down is from the order to cut the power to the start of the service's agent on another node; no fencing on either side.
 */
import { parseArgs } from 'node:util';
import { eventually } from '../lab/lab.js';
import { serviceTrace } from '../lab/service.js';
import { median, ourSide, PEER_DEFAULT, peerSide, type Side } from './sides.js';

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '5' },
    nodes: { type: 'string', default: '2' },
    token: { type: 'string', default: '1000' },
    peer: { type: 'string', default: PEER_DEFAULT },
    alone: { type: 'boolean', default: false },
    coefficient: { type: 'string' },
  },
});
/** What the 99th of a hundred deaths may cost beyond a short token, the default coefficient included: 1 s with 300 ms. */
const WORST_BEYOND_TOKEN_MS = 700;
const SHORT_TOKEN_MS = 300;
const COEFFICIENT_DEFAULT_MS = 650;
const count = Number(values.nodes);
const tokenMs = Number(values.token);
const coefficientMs = values.coefficient === undefined ? undefined : Number(values.coefficient);
/** In force. */
const effectiveMs = tokenMs + Math.max(0, count - 2) * (coefficientMs ?? COEFFICIENT_DEFAULT_MS);
const nodes = Array.from({ length: count }, (_, index) => `n${index + 1}`);
const options = {
  name: 'downtime',
  nodes,
  tokenMs,
  ...(coefficientMs === undefined ? {} : { coefficientMs }),
  configuration: `property stonith-enabled=false${count === 2 ? ' no-quorum-policy=ignore' : ''}
primitive web ocf:lab:service op monitor interval=5s timeout=5s`,
};

async function downMs(side: Side): Promise<number> {
  const { lab } = side;
  const starts = async (among: readonly string[]) =>
    (await serviceTrace(lab, among)).filter(({ task }) => task === 'start');
  const holder = (await starts(nodes)).at(-1)!.node;
  const atMs = Date.now();
  await lab.lab('crash', holder);
  const survivors = nodes.filter((node) => node !== holder);
  const after = await eventually(
    `${side.name}: it runs elsewhere than on ${holder}`,
    () => starts(survivors),
    (all) => all.some((start) => start.atMs > atMs),
    60_000,
  );
  await lab.lab('boot', holder);
  await side.startNode(holder);
  await side.whole();
  return after.find((start) => start.atMs > atMs)!.atMs - atMs;
}

const ours = ourSide(options);
const peer = values.alone || coefficientMs !== undefined ? null : peerSide(options, values.peer);
const sides = peer ? [ours, peer] : [ours];
const found = new Map<Side, number[]>(sides.map((side) => [side, []]));
try {
  for (const side of sides) await side.up();
  for (let turn = 0; turn < Number(values.runs); turn++) {
    for (const side of sides) {
      const ms = await downMs(side);
      found.get(side)!.push(ms);
      console.log(`  run ${turn + 1}, ${side.name}: ${ms} ms`);
    }
  }
  console.log(
    `${count} nodes, token ${tokenMs} (${effectiveMs} in force): ms from the power cut to the start elsewhere`,
  );
  for (const [side, all] of found) {
    console.log(
      `  ${side.name.padEnd(22)} median ${median(all)}  worst ${Math.max(...all)}  (${all.join(' ')})`,
    );
  }
  if (peer) {
    const ratio = median(found.get(ours)!) / median(found.get(peer)!);
    console.log(`  ratio ${ratio.toFixed(2)} (wanted: at most 0.50)`);
    if (ratio > 0.5) process.exitCode = 1;
  } else console.log('  nothing to compare with');
  const worstMs = effectiveMs + WORST_BEYOND_TOKEN_MS;
  if (tokenMs <= SHORT_TOKEN_MS && Math.max(...found.get(ours)!) >= worstMs) {
    console.log(`  worst of ours is not under ${worstMs} ms`);
    process.exitCode = 1;
  }
} finally {
  for (const side of sides) await side.lab.down();
}
