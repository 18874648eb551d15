/**
 * From one engine to the other without stopping a service: both run on the same corosync.conf and key, read the same
 * configuration, and find out by probes what is running. In between nobody watches.
 */
import { readConfiguration } from '../../grammar/corosync/configuration.js';
import { clusterProperty, clusterPropertyPairs, setClusterProperty } from '../cib/cluster-property.js';
import { Element } from '../cib/element.js';
import { writeXml } from '../cib/xml.js';
import type { Connection, Engine, Outcome } from '../connection/connection.js';
import { shellQuote } from '../ssh/shell-quote.js';
import {
  type BootstrapOptions,
  bring,
  type Candidate,
  type ClusterOutcome,
  onAll,
  startAgent,
} from './cluster.js';
import { inspect } from './inspect.js';
import { type Machine, openMachine } from './machine.js';
import { untilMembers } from './members.js';
import {
  enablePacemaker,
  openPacemakerOf,
  pacemakerObjection,
  runsPacemaker,
  startCorosync,
  startPacemaker,
  stopPacemaker,
  untilPacemakerUp,
} from './pacemaker-service.js';
import { moved, nodeNames, type Placement, placementOf } from './placement.js';
import { CONF, UNIT } from './places.js';
import { installObjection, Luggage, ownProgram, placeOfProgram } from './program.js';
import { enableService, isRunning, openAgent } from './service.js';

export interface MigrateOptions extends BootstrapOptions {
  readonly to: Engine;
  /** Looks, and says what would be done. */
  readonly rehearse: boolean;
  /** Every step, before it is taken. */
  readonly step: (text: string) => void;
}

/** How long an agent may take to leave in order. */
const AGENT_STOP_SECONDS = 20;
/** Probes of all resources on all nodes, and what follows from them. */
const ADOPT_TIMEOUT_MS = 120_000;
const POLL_MS = 500;

/** Properties that an engine sets itself; the other's are not carried over. */
const ENGINES_OWN = /^(?:cluster-infrastructure|cluster-name|dc-version|have-watchdog|last-lrm-refresh)$/;
/** Transient attributes that belong to the run of an engine, or that it counts anew. */
const OF_THE_RUN = /^(?:shutdown|probe_complete|terminate|fail-count-|last-failure-|#)/;

/** Nobody acts, and nobody is fenced, while the engines are changed. */
function freeze(cib: Element): void {
  setClusterProperty(cib, 'maintenance-mode', 'true');
  setClusterProperty(cib, 'stonith-enabled', 'false');
}

/** The configuration that the new engine gets: the old one's, without what is its own. */
export function carriedOver(from: Element, into: Element): Element {
  const configuration = from.first('configuration')!.clone();
  const holder = new Element('cib', into.attributes, [configuration]);
  for (const set of configuration.first('crm_config')?.elements('cluster_property_set') ?? []) {
    for (const pair of set.elements('nvpair')) if (ENGINES_OWN.test(pair.get('name') ?? '')) set.remove(pair);
  }
  for (const pair of clusterPropertyPairs(into)) {
    const name = pair.get('name') ?? '';
    if (ENGINES_OWN.test(name)) setClusterProperty(holder, name, pair.get('value'));
  }
  return configuration;
}

/** Attributes that live in the status, by node: promotion scores, what ping has counted. */
function transientAttributes(cib: Element): { node: string; name: string; value: string }[] {
  const names = nodeNames(cib);
  return (cib.first('status')?.elements('node_state') ?? []).flatMap((state) =>
    (state.first('transient_attributes')?.elements('instance_attributes') ?? [])
      .flatMap((set) => set.elements('nvpair'))
      .map((pair) => ({
        node: state.get('uname') ?? names.get(state.id) ?? state.id,
        name: pair.get('name') ?? '',
        value: pair.get('value') ?? '',
      }))
      .filter(({ name }) => !OF_THE_RUN.test(name)),
  );
}

/** Agents that the resources need, as paths below a resource.d, by what is missing of them on a machine. */
async function missingAgents(machine: Machine, cib: Element): Promise<string[]> {
  const kinds = new Set<string>();
  for (const primitive of cib.at('configuration', 'resources')?.descendants() ?? []) {
    if (primitive.name !== 'primitive' || primitive.get('class') !== 'ocf') continue;
    kinds.add(`${primitive.get('provider')}/${primitive.get('type')}`);
  }
  if (kinds.size === 0) return [];
  const ran = await machine.run(
    `for agent in ${[...kinds].map(shellQuote).join(' ')}; do [ -x "/usr/lib/ocf/resource.d/$agent" ] || echo "$agent"; done`,
  );
  return ran.ok ? ran.value.stdout.split('\n').filter((line) => line !== '') : [];
}

/** One engine as migration needs it. */
interface EngineWork {
  readonly name: string;
  readonly title: string;
  connect(machine: Machine): Promise<Outcome<Connection>>;
  /** What speaks against starting it there. */
  objection(machine: Machine): Promise<string | null>;
  /** Brings there what it takes, while the other still runs. */
  prepare(machine: Machine): Promise<string | null>;
  /** Its memory of an earlier time is put aside: it must start without a configuration. */
  forget(machine: Machine): Promise<string | null>;
  start(machines: readonly Machine[], names: readonly string[]): Promise<string[]>;
  /** Ends it, and leaves everything running that it has started. */
  leave(machine: Machine): Promise<string | null>;
}

async function run(machine: Machine, script: string): Promise<string | null> {
  const ran = await machine.run(script);
  if (!ran.ok) return ran.error.message;
  return ran.value.code === 0 ? null : `${machine.name}: ${ran.value.stderr.trim().split('\n').at(-1)}`;
}

function putAside(directory: string): string {
  return `d=${directory}; [ ! -d $d ] || [ -z "$(ls -A $d)" ] || { rm -rf $d.before-migration && cp -a $d $d.before-migration && find $d -type f -delete; }`;
}

function pacemakerWork(options: BootstrapOptions): EngineWork {
  return {
    name: 'Corosync and Pacemaker',
    title: 'Pacemaker',
    connect: (machine) => openPacemakerOf(machine, options),
    objection: pacemakerObjection,
    prepare: async () => null,
    forget: (machine) => run(machine, putAside('/var/lib/pacemaker/cib')),
    async start(machines, names) {
      for (const start of [startCorosync, startPacemaker]) {
        const problems = await onAll(machines, async (machine) => {
          const started = await start(machine);
          return started.ok ? null : started.message;
        });
        if (problems.length > 0) return problems;
      }
      await Promise.all(machines.map((machine) => enablePacemaker(machine, true)));
      const missing = await untilPacemakerUp(machines[0]!, names, options);
      return missing === null ? [] : [missing];
    },
    async leave(machine) {
      await enablePacemaker(machine, false);
      const stopped = await stopPacemaker(machine);
      return stopped.ok ? null : stopped.message;
    },
  };
}

function agentWork(options: BootstrapOptions): EngineWork {
  const service = { ...options, ...options.service };
  const own = ownProgram();
  const luggage = own ? new Luggage(own) : null;
  const candidates = new Map<Machine, Candidate>();
  return {
    name: 'the agent',
    title: 'agent',
    connect: (machine) => openAgent(machine, service),
    async objection(machine) {
      const facts = await inspect(machine, own ? [own.folder] : []);
      if (typeof facts === 'string') return facts;
      const place = own ? placeOfProgram(facts, own) : ([...facts.programs.keys()][0] ?? null);
      const program = place === null ? '' : `${place}/bin/quorated`;
      candidates.set(machine, { machine, facts, addresses: [], program, installed: false });
      if (place !== null) return null;
      return own ? installObjection(machine, facts) : `quorated is not installed on ${machine.name}`;
    },
    prepare: (machine) => bring(candidates.get(machine)!, luggage, options.progress ?? (() => {})),
    forget: (machine) => run(machine, putAside('/var/lib/quorate')),
    async start(machines, names) {
      const problems = await onAll(machines, (machine) =>
        startAgent(candidates.get(machine)!, options, options.progress ?? (() => {})),
      );
      if (problems.length > 0) return problems;
      await Promise.all(machines.map((machine) => enableService(machine, true)));
      const missing = await untilMembers(machines[0]!, names, service);
      return missing === null ? [] : [missing];
    },
    // In maintenance mode an agent that is stopped leaves what runs alone. One that does not end is killed with its executor.
    async leave(machine) {
      await enableService(machine, false);
      return run(
        machine,
        `if [ -d /run/systemd/system ] && systemctl is-active -q ${UNIT}; then
  mkdir -p /run/systemd/system/${UNIT}.d && printf '[Service]\\nRestart=no\\n' >/run/systemd/system/${UNIT}.d/migration.conf && systemctl daemon-reload
fi
pid=$(cat /run/quorate/quorated.pid 2>/dev/null) && kill -TERM "$pid" 2>/dev/null && for _ in $(seq ${AGENT_STOP_SECONDS * 5}); do
  kill -0 "$pid" 2>/dev/null || break
  sleep 0.2
done
pids=
for place in /proc/[0-9]*; do
  # A word of its own on the command line: node's options may come first.
  tr '\\0' '\\n' <"$place/cmdline" 2>/dev/null | grep -qx '/[^ ]*/quorated' && pids="$pids \${place#/proc/}"
done
[ -z "$pids" ] || kill -KILL $pids
rm -rf /run/systemd/system/${UNIT}.d/migration.conf /run/quorate
if [ -d /run/systemd/system ]; then systemctl daemon-reload; systemctl reset-failed ${UNIT} 2>/dev/null; fi
exit 0`,
      );
    },
  };
}

/** Changes a cluster's engine. `member`: any of its nodes. */
export async function migrateCluster(member: string, options: MigrateOptions): Promise<ClusterOutcome> {
  const { to, step } = options;
  const fail = (...findings: string[]): ClusterOutcome => ({ ok: false, findings });
  const [from, into] =
    to === 'pacemaker'
      ? [agentWork(options), pacemakerWork(options)]
      : [pacemakerWork(options), agentWork(options)];
  const first = await openMachine(member, options);
  if (!first.ok) return fail(first.error.message);
  const machines: Machine[] = [];
  try {
    const file = await first.value.run(`cat ${CONF}`);
    if (!file.ok) return fail(file.error.message);
    const { configuration } = readConfiguration(file.value.stdout);
    if (!configuration) return fail(`${member} has no ${CONF} that can be read: is it in a cluster?`);
    const names = configuration.nodes.map(({ name }) => name);
    const opened = await Promise.all(names.map((name) => openMachine(name, options)));
    for (const outcome of opened) if (outcome.ok) machines.push(outcome.value);
    const unreachable = opened.flatMap((outcome) => (outcome.ok ? [] : [outcome.error.message]));
    if (unreachable.length > 0) return fail(...unreachable);

    const findings: string[] = [];
    for (const machine of machines) {
      const agent = await isRunning(machine, options.service);
      const pacemaker = await runsPacemaker(machine);
      const [here, there] = to === 'pacemaker' ? [agent, pacemaker] : [pacemaker, agent];
      if (there) findings.push(`${machine.name} runs ${into.name} already`);
      else if (!here) findings.push(`${machine.name} does not run ${from.name}`);
      const objection = await into.objection(machine);
      if (objection) findings.push(objection);
    }
    if (findings.length > 0) return fail(...findings);

    const old = await from.connect(machines[0]!);
    if (!old.ok) return fail(old.error.message);
    let original: Element;
    let before: Placement;
    let attributes: ReturnType<typeof transientAttributes>;
    try {
      const cib = await old.value.readCib();
      if (!cib.ok) return fail(cib.error.message);
      original = cib.value;
      before = placementOf(original);
      attributes = transientAttributes(original);
      const state = await old.value.state();
      if (!state.ok) return fail(state.error.message);
      for (const { name, online } of state.value.members)
        if (!online) findings.push(`${name} is offline: all nodes are needed`);
      if (!state.value.quorate) findings.push('the cluster has no quorum');
      for (const machine of machines) {
        for (const agent of await missingAgents(machine, original))
          findings.push(
            `${machine.name} has no agent ocf:${agent.replace('/', ':')} that Pacemaker would find`,
          );
      }
      if (findings.length > 0) return fail(...findings);
      const steps = [
        `configuration ${original.get('admin_epoch') ?? 0}.${original.get('epoch') ?? 0} of ${names.length} nodes, ${before.size} active resources: kept as it is`,
        'maintenance-mode=true, stonith-enabled=false: nobody acts while the engines are changed',
        `on ${names.join(', ')} the end of ${from.name}; services go on, unwatched`,
        `what is left there of an earlier ${into.title} is put aside (*.before-migration)`,
        `on ${names.join(', ')} the start of ${into.name}`,
        'the configuration is loaded, and what runs is found by probes',
        'what runs is compared with what ran; then maintenance-mode and stonith-enabled as they were',
      ];
      if (options.rehearse) {
        for (const [index, text] of steps.entries()) step(`${index + 1}. ${text}`);
        for (const [id, places] of before) step(`   ${id} runs on ${places}`);
        return { ok: true };
      }
      const unprepared = await onAll(machines, (machine) => into.prepare(machine));
      if (unprepared.length > 0) return fail(...unprepared);
      step(`1. ${steps[0]}`);
      step(`2. ${steps[1]}`);
      const frozen = original.clone();
      freeze(frozen);
      const committed = await old.value.commit(original, frozen, {
        command: `crm cluster migrate --to ${to}`,
      });
      if (!committed.ok) return fail(committed.error.message);
      const idle = await old.value.call('cluster.wait-idle', { timeoutMs: ADOPT_TIMEOUT_MS });
      if (!idle.ok || !idle.value.idle) {
        return fail('the cluster does not come to rest in maintenance mode; nothing else was done');
      }
      step(`3. ${steps[2]}`);
    } finally {
      await old.value.close();
    }
    // All at once: who is left behind would see the others die.
    const left = await onAll(machines, (machine) => from.leave(machine));
    if (left.length > 0) return fail(...left, 'start the old engine again: crm cluster start --all');
    step(`4. what is left there of an earlier ${into.title} is put aside (*.before-migration)`);
    const forgotten = await onAll(machines, (machine) => into.forget(machine));
    if (forgotten.length > 0) return fail(...forgotten);
    step(`5. on ${names.join(', ')} the start of ${into.name}`);
    const started = await into.start(machines, names);
    if (started.length > 0)
      return fail(...started, `services still run; the configuration is in maintenance mode`);
    const fresh = await into.connect(machines[0]!);
    if (!fresh.ok) return fail(fresh.error.message);
    try {
      step('6. the configuration is loaded, and what runs is found by probes');
      return await adopt(fresh.value, original, before, attributes, step);
    } finally {
      await fresh.value.close();
    }
  } finally {
    await Promise.all([first.value.close(), ...machines.map((machine) => machine.close())]);
  }
}

/** Gives an engine that knows nothing the configuration, and control once it has found what runs. */
async function adopt(
  connection: Connection,
  original: Element,
  before: Placement,
  attributes: readonly { readonly node: string; readonly name: string; readonly value: string }[],
  step: (text: string) => void,
): Promise<ClusterOutcome> {
  const fail = (...findings: string[]): ClusterOutcome => ({ ok: false, findings });
  const empty = await connection.readCib();
  if (!empty.ok) return fail(empty.error.message);
  const wanted = new Element('cib', empty.value.attributes, [carriedOver(original, empty.value)]);
  const frozen = wanted.clone();
  freeze(frozen);
  const loaded = await connection.call('cib.replace', {
    cib: writeXml(frozen.first('configuration')!),
    force: true,
    command: 'crm cluster migrate',
  });
  if (!loaded.ok) return fail(loaded.error.message);
  for (const attribute of attributes) await connection.call('attribute.update', attribute);
  const deadline = Date.now() + ADOPT_TIMEOUT_MS;
  let found: Placement = new Map();
  let now: Element;
  for (;;) {
    await connection.call('cluster.wait-idle', { timeoutMs: 30_000 });
    const read = await connection.readCib();
    if (!read.ok) return fail(read.error.message);
    now = read.value;
    found = placementOf(now);
    if (moved(before, found).length === 0) break;
    if (Date.now() > deadline) {
      return fail(
        ...moved(before, found).map((text) => `not found as it was: ${text}`),
        'the cluster stays in maintenance mode: compare, then end it with crm configure property maintenance-mode=false',
      );
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  step(
    `7. all ${before.size} active resources are found where they were; maintenance-mode and stonith-enabled as they were`,
  );
  const thawed = now.clone();
  for (const name of ['maintenance-mode', 'stonith-enabled'])
    setClusterProperty(thawed, name, clusterProperty(original, name));
  const ended = await connection.commit(now, thawed, { command: 'crm cluster migrate' });
  if (!ended.ok) return fail(ended.error.message);
  await connection.call('cluster.wait-idle', { timeoutMs: ADOPT_TIMEOUT_MS });
  const after = await connection.readCib();
  if (!after.ok) return fail(after.error.message);
  for (const text of moved(before, placementOf(after.value))) step(`   has moved since: ${text}`);
  return { ok: true };
}
