import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Planner } from '../controller/types.js';
import { remarkText } from '../protocol/remarks.js';
import { schedule } from '../scheduler/index.js';
import { Agent } from './agent.js';
import { ConfigurationError, readAgentConfiguration } from './configuration.js';
import { agentHandlers } from './handlers.js';
import { Log } from './log.js';
import type { MetricsWriter } from './metrics.js';
import { agentPlaces, prepare } from './places.js';
import { startServer } from './server.js';
import { ownVersion } from './version.js';

const USAGE = `Usage: quorated [options]

The agent of one cluster node. Reads corosync.conf and authkey from /etc/quorate or /etc/corosync.

Options:
  -f, --foreground     log to standard error as well
  -d, --debug          log more
      --root DIR       everything is below DIR (default: $QUORATE_ROOT, else /)
      --arbiter        vote for one side of a split and hold no resources: on the host of
                       corosync.conf's quorum.device, or a node with 'arbiter: yes'
      --node NAME      which node of corosync.conf this is (default: found out)
      --metrics [ADDRESS:]PORT
                       serve metrics for Prometheus at http://ADDRESS:PORT/metrics (default: $QUORATE_METRICS, else
                       nowhere; ADDRESS 127.0.0.1)
  -v, --version        print the version
  -h, --help           print this

Signals: SIGHUP has it read corosync.conf and the keys anew. SIGTERM stops the node after its resources have moved away; a second one stops it at once.
`;

/** sysexits.h: a configuration error, and a service that cannot be had. */
const EXIT_USAGE = 64;
const EXIT_UNAVAILABLE = 69;
const EXIT_CONFIG = 78;

/**
 * Runs the agent until it is stopped.
 *
 * @param program this executable, for the heartbeat thread and the executor
 * @param metrics loads what makes the page of metrics; called only where metrics are wanted
 */
export async function agentMain(
  program: string,
  planner: Planner = (cib, nowMs) => schedule(cib, { nowMs }),
  metrics?: () => Promise<MetricsWriter>,
): Promise<never> {
  const version = ownVersion();
  let values: {
    foreground?: boolean;
    debug?: boolean;
    root?: string;
    node?: string;
    arbiter?: boolean;
    metrics?: string;
    version?: boolean;
    help?: boolean;
  };
  try {
    ({ values } = parseArgs({
      options: {
        foreground: { type: 'boolean', short: 'f' },
        debug: { type: 'boolean', short: 'd' },
        root: { type: 'string' },
        node: { type: 'string' },
        arbiter: { type: 'boolean' },
        metrics: { type: 'string' },
        version: { type: 'boolean', short: 'v' },
        help: { type: 'boolean', short: 'h' },
      },
    }));
  } catch (error) {
    process.stderr.write(`quorated: ${(error as Error).message}\n${USAGE}`);
    process.exit(EXIT_USAGE);
  }
  if (values.help) {
    process.stdout.write(USAGE);
    process.exit(0);
  }
  if (values.version) {
    process.stdout.write(`quorated ${version}\n`);
    process.exit(0);
  }
  const root = values.root ?? process.env.QUORATE_ROOT ?? '';
  const places = agentPlaces(root);
  // What agents and tools that we start shall see.
  if (places.root !== '') process.env.QUORATE_ROOT = places.root;
  try {
    const configuration = readAgentConfiguration(places, {
      ...(values.node === undefined ? {} : { nodeName: values.node }),
      arbiter: values.arbiter ?? false,
    });
    prepare(places);
    const log = new Log(join(places.log, 'quorated.log'), {
      stderr: values.foreground ?? false,
      debug: values.debug ?? configuration.corosync.logging.debug !== 'off',
    });
    for (const remark of configuration.remarks) log.write('warning', remarkText(configuration.path, remark));
    const tools = dirname(program);
    const shippedAgents = join(dirname(tools), 'resource-agents');
    const agent = new Agent({
      places,
      configuration,
      log,
      version,
      program,
      planner,
      tools,
      ...(existsSync(shippedAgents) ? { shippedAgents } : {}),
    });
    let signals = 0;
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      process.on(signal, () => agent.stop(++signals > 1));
    }
    process.on('SIGHUP', () => void agent.reload());
    await agent.start((started) =>
      startServer({
        socketPath: places.socket,
        node: configuration.nodeName,
        version,
        handlers: agentHandlers(started, version),
        authorize: (identity, method) => started.access.authorize(identity, method),
        visible: (notification, identity) => started.access.visible(notification, identity),
        current: (topic) => started.notifications.current(topic),
        log: (text) => log.write('info', text),
      }),
    );
    const served = metrics && (values.metrics ?? process.env.QUORATE_METRICS);
    if (served) await startMetrics(agent, served, metrics, log);
    await agent.stopped;
    process.exit(0);
  } catch (error) {
    process.stderr.write(`quorated: ${(error as Error).message}\n`);
    process.exit(error instanceof ConfigurationError ? EXIT_CONFIG : EXIT_UNAVAILABLE);
  }
}

/** A monitoring that cannot be served is no reason to keep a node out of the cluster. */
async function startMetrics(
  agent: Agent,
  at: string,
  writer: () => Promise<MetricsWriter>,
  log: Log,
): Promise<void> {
  const { readMetricsAddress, serveMetrics } = await import('./metrics.js');
  const place = readMetricsAddress(at);
  try {
    if (typeof place === 'string') throw new Error(place);
    const source = () => ({
      cib: agent.controller.cib,
      state: agent.currentState!(),
      nowMs: Date.now(),
    });
    const { port } = await serveMetrics({ ...place, writer, source });
    log.write('info', `metrics are at ${place.address} port ${port}`);
  } catch (error) {
    log.write('error', `no metrics: ${(error as Error).message}`);
  }
}
