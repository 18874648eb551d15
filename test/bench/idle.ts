/**
 * `npm run bench -- idle [--seconds N] [--nodes N] [--resources N] [--peer PATH] [--alone]`: what a cluster costs its nodes while nothing
 * happens: processor time and memory of the agent's processes (agent, executor), against those of the real Corosync +
 * Pacemaker in the same minute, each resource with two monitors every ten seconds. What resource agents cost counts on neither side.
 * Needs root; without the peer's script, or with --alone, ours alone is measured.
 */
import { parseArgs } from 'node:util';
import { ourSide, PEER_DEFAULT, peerSide, type Side } from './sides.js';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    nodes: { type: 'string', default: '3' },
    resources: { type: 'string', default: '10' },
    token: { type: 'string', default: '1000' },
    peer: { type: 'string', default: PEER_DEFAULT },
    alone: { type: 'boolean', default: false },
  },
});
/** After the last start, until what was begun with it is over. */
const SETTLE_MS = 20_000;
const TICKS_PER_SECOND = 100;
const CPU_RATIO_MAX = 1;
const MEMORY_RATIO_MAX = 0.5;

const seconds = Number(values.seconds);
const nodes = Array.from({ length: Number(values.nodes) }, (_, index) => `n${index + 1}`);
const primitives = Array.from(
  { length: Number(values.resources) },
  (_, index) =>
    `primitive r${index} ocf:lab:service op monitor interval=10s timeout=10s op monitor interval=11s timeout=10s`,
);
const options = {
  name: 'idle',
  nodes,
  tokenMs: Number(values.token),
  configuration: ['property stonith-enabled=false', ...primitives].join('\n'),
};

interface Cost {
  /** Processor time so far, by process. */
  readonly ticks: ReadonlyMap<string, number>;
  readonly pssKib: number;
}

/** Of each process that belongs to the cluster software: its id, user and system time, and PSS in KiB. */
const PROCESSES = `for p in /proc/[0-9]*; do
  args=$(tr '\\0' ' ' <$p/cmdline 2>/dev/null) || continue
  case $args in *quorated*|*corosync*|*pacemaker*) ;; *) continue ;; esac
  case $args in bash*|sh*|/bin/sh*) continue ;; esac
  stat=$(sed 's/.*) //' $p/stat 2>/dev/null) || continue
  set -- $stat
  echo "\${p#/proc/} $((\${12} + \${13})) $(sed -n 's/^Pss: *\\([0-9]*\\) kB/\\1/p' $p/smaps_rollup)"
done`;

async function costs(side: Side): Promise<Map<string, Cost>> {
  const found = await Promise.all(
    nodes.map(async (node): Promise<[string, Cost]> => {
      const lines = (await side.lab.ok(node, PROCESSES)).trim().split('\n');
      const rows = lines.map((line) => line.split(' '));
      return [
        node,
        {
          ticks: new Map(rows.map(([pid, ticks]) => [pid!, Number(ticks)])),
          pssKib: rows.reduce((sum, row) => sum + Number(row[2]), 0),
        },
      ];
    }),
  );
  return new Map(found);
}

const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);
const mean = (numbers: readonly number[]) => sum(numbers) / numbers.length;

const ours = ourSide(options);
const peer = values.alone ? null : peerSide(options, values.peer);
const sides = peer ? [ours, peer] : [ours];
try {
  for (const side of sides) await side.up();
  await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
  const before = await Promise.all(sides.map(costs));
  await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
  const after = await Promise.all(sides.map(costs));
  console.log(`${nodes.length} nodes, ${primitives.length} resources with two monitors, ${seconds} s`);
  const figures = sides.map((side, index) => {
    const percent = nodes.map((node) => {
      const then = before[index]!.get(node)!.ticks;
      const now = after[index]!.get(node)!.ticks;
      const spent = sum([...now].map(([pid, ticks]) => ticks - (then.get(pid) ?? 0)));
      return (spent / TICKS_PER_SECOND / seconds) * 100;
    });
    const mib = nodes.map((node) => after[index]!.get(node)!.pssKib / 1024);
    console.log(
      `  ${side.name.padEnd(22)} ${mean(percent).toFixed(2)} % of a processor for each node (${percent.map((one) => one.toFixed(2)).join(' ')}), PSS ${mean(mib).toFixed(0)} MiB (${mib.map((one) => one.toFixed(0)).join(' ')})`,
    );
    return { percent: mean(percent), mib: mean(mib) };
  });
  const [own, others] = figures;
  if (own && others) {
    const cpu = own.percent / others.percent;
    const memory = own.mib / others.mib;
    console.log(
      `  ratios: processor ${cpu.toFixed(2)} (wanted: at most ${CPU_RATIO_MAX}), memory ${memory.toFixed(2)} (wanted: at most ${MEMORY_RATIO_MAX})`,
    );
    if (cpu > CPU_RATIO_MAX || memory > MEMORY_RATIO_MAX) process.exitCode = 1;
  } else console.log('  nothing to compare with');
} finally {
  for (const side of sides) await side.lab.down();
}
