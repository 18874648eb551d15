import { spawn } from 'node:child_process';
import type { Element } from '../cib/element.js';
import { parseOperationKey } from '../status/operation-key.js';
import { Feed, type Observation } from './feed.js';
import { Seeker } from './hosts.js';
import type { Options } from './options.js';
import { EXIT, makeReport, openOptions, type Plan, type Surroundings, writeReport } from './plan.js';
import { executionText, exitText, scanNumber } from './terms.js';

export interface WatchOptions {
  readonly options: Options;
  readonly plan: Plan;
  readonly surroundings: Surroundings;
  readonly argv: readonly string[];
}

/** Output is renewed at most this often while changes keep coming (crm_mon's own pace). */
const PACE_MS = 2000;

/** The result of an operation, or of fencing, as `--external-agent` is told of it. */
export interface Notice {
  readonly node: string;
  readonly resource: string | undefined;
  readonly task: string;
  readonly description: string;
  readonly code: number;
  readonly expectedCode: number;
  readonly status: number;
}

/** Operations in a CIB by node and history entry; values change when the result does. */
function operations(cib: Element): Map<string, { node: string; xml: Element }> {
  const found = new Map<string, { node: string; xml: Element }>();
  for (const state of cib.first('status')?.elements('node_state') ?? []) {
    for (const resource of state.at('lrm', 'lrm_resources')?.elements('lrm_resource') ?? []) {
      for (const xml of resource.elements('lrm_rsc_op')) {
        const magic = xml.get('transition-magic') ?? '';
        const key = `${state.id} ${resource.id} ${xml.id} ${xml.get('call-id')} ${magic} ${xml.get('last-rc-change')}`;
        found.set(key, { node: xml.get('on_node') ?? state.get('uname') ?? state.id, xml });
      }
    }
  }
  return found;
}

/** Results that are new since the last CIB; a probe that found nothing running is no news. */
export function newNotices(before: Element | undefined, after: Element): Notice[] {
  if (!before) return [];
  const known = operations(before);
  const notices: Notice[] = [];
  for (const [key, { node, xml }] of operations(after)) {
    if (known.has(key)) continue;
    // `STATUS:CODE;ACTION:TRANSITION:EXPECTED:UUID`
    const magic = /^(-?\d+):(-?\d+);-?\d+:-?\d+:(-?\d+):/.exec(xml.get('transition-magic') ?? '');
    const operation = parseOperationKey(xml.get('operation_key') ?? xml.id);
    if (!magic || !operation) continue;
    const [status, code, expectedCode] = [magic[1], magic[2], magic[3]].map((text) =>
      scanNumber(text, -1),
    ) as [number, number, number];
    if (status === 0 && code === expectedCode && code === 7) continue;
    const description = status !== 0 ? executionText(status) : code === expectedCode ? 'OK' : exitText(code);
    notices.push({
      node,
      resource: operation.resourceId,
      task: operation.task,
      description,
      code,
      expectedCode,
      status,
    });
  }
  return notices;
}

/** Fencing that has ended since the last look. */
function newFencing(before: Observation | undefined, after: Observation): Notice[] {
  if (!before?.fencing || !after.fencing) return [];
  const key = (entry: NonNullable<Observation['fencing']>[number]) =>
    `${entry.target} ${entry.action} ${entry.state} ${entry.completedAtMs}`;
  const known = new Set(before.fencing.map(key));
  return after.fencing
    .filter((entry) => entry.state !== 'pending' && !known.has(key(entry)))
    .map((entry) => ({
      node: entry.target,
      resource: undefined,
      task: entry.action,
      description:
        `Operation ${entry.action} of ${entry.target} by ${entry.delegate ?? 'the cluster'} ` +
        `for ${entry.client}@${entry.origin}: ${entry.state === 'success' ? 'OK' : (entry.reason ?? 'failed')}`,
      code: entry.state === 'success' ? 0 : 1,
      expectedCode: 0,
      status: 0,
    }));
}

/** Tells the external agent, through its environment as Pacemaker's crm_mon does; nobody waits for it. */
function tell(
  agent: string,
  recipient: string | undefined,
  notice: Notice,
  surroundings: Surroundings,
): void {
  const child = spawn(agent, [], {
    stdio: 'ignore',
    env: {
      ...surroundings.environment,
      ...(notice.resource === undefined ? {} : { CRM_notify_rsc: notice.resource }),
      ...(recipient === undefined ? {} : { CRM_notify_recipient: recipient }),
      CRM_notify_node: notice.node,
      CRM_notify_task: notice.task,
      CRM_notify_desc: notice.description,
      CRM_notify_rc: String(notice.code),
      CRM_notify_target_rc: String(notice.expectedCode),
      CRM_notify_status: String(notice.status),
    },
  });
  child.on('error', (error) => surroundings.writeError(`crm_mon: ${agent}: ${error.message}\n`));
  child.unref();
}

/** Writes the status again whenever it changes, until a signal ends it. */
export async function watch({ options, plan, surroundings, argv }: WatchOptions): Promise<number> {
  let last: Observation | undefined;
  let writing = false;
  let again = false;
  const write = async (): Promise<void> => {
    if (writing) {
      again = true;
      return;
    }
    writing = true;
    do {
      again = false;
      const connection = feed.connection;
      if (!last || !connection) break;
      const report = await makeReport(last.cib, connection, options, plan, surroundings);
      const { out } = await writeReport(
        { code: EXIT.ok, report, errors: [] },
        options,
        plan.format,
        argv,
        connection,
      );
      if (options.outputTo === undefined || options.outputTo === '-') surroundings.writeOut(out);
      else {
        const failure = await surroundings.writeFile(options.outputTo, out);
        if (failure !== undefined) surroundings.writeError(`crm_mon: ${options.outputTo}: ${failure}\n`);
      }
      await new Promise((resolve) => setTimeout(resolve, PACE_MS).unref());
    } while (again);
    writing = false;
  };
  const seeker = new Seeker(options.hosts, (hosts, signal) =>
    surroundings.open(openOptions({ ...options, hosts: [...hosts] }, undefined, { signal })),
  );
  const feed = new Feed({
    nowMs: surroundings.nowMs,
    pollMs: options.intervalMs,
    open: (attempt, signal) => seeker.open(attempt, signal),
    onState: (state) => {
      if (state.kind === 'lost') surroundings.writeError(`crm_mon: ${state.message}\n`);
    },
    onObservation: (observation) => {
      seeker.learn(observation.state);
      const agent = options.externalAgent;
      if (agent !== undefined) {
        for (const notice of newNotices(last?.cib, observation.cib)) {
          tell(agent, options.externalRecipient, notice, surroundings);
        }
        if (options.watchFencing) {
          for (const notice of newFencing(last, observation)) {
            tell(agent, options.externalRecipient, notice, surroundings);
          }
        }
      }
      last = observation;
      if (options.outputTo !== undefined || agent === undefined) void write();
    },
  });
  const ended = new Promise<void>((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.once(signal, () => resolve());
  });
  await feed.start();
  await ended;
  await feed.stop();
  return EXIT.ok;
}
