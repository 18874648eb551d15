/** Alerts: which agents are told of an event, and in which environment (Pacemaker Explained, chapter "Alerts"). */
import { exitStatusName } from '../cib/agent-exit-status.js';
import type { Element } from '../cib/element.js';
import { parseMilliseconds } from '../cib/interval.js';
import { formatTime } from './time-format.js';
import { EXECUTION_STATUS_NUMBER, type OperationResult } from './types.js';

const DEFAULT_TIMEOUT_MS = 30_000;
const DEFAULT_TIMESTAMP_FORMAT = '%H:%M:%S.%06N';
/** Version of Pacemaker whose alerts these are. */
const ALERT_VERSION = '2.1.5';

export type AlertKind = 'node' | 'fencing' | 'resource' | 'attribute';

/** One agent to tell, with one recipient where it has any. */
export interface Alert {
  readonly id: string;
  readonly path: string;
  readonly recipient: string | null;
  readonly timeoutMs: number;
  readonly timestampFormat: string;
  readonly kinds: ReadonlySet<AlertKind>;
  /** For `attribute`: only these; null for all. */
  readonly attributes: ReadonlySet<string> | null;
  readonly environment: Readonly<Record<string, string>>;
}

export type AlertEvent =
  | {
      readonly kind: 'node';
      readonly node: string;
      readonly nodeId: number;
      readonly state: 'member' | 'lost';
    }
  | {
      readonly kind: 'fencing';
      readonly target: string;
      readonly action: string;
      readonly description: string;
      /** 0 or an error number. */
      readonly rc: number;
    }
  | {
      readonly kind: 'resource';
      readonly node: string;
      readonly result: OperationResult;
      /** What the cluster expected the operation to return. */
      readonly expectedRc: number;
    }
  | {
      readonly kind: 'attribute';
      readonly node: string;
      readonly nodeId: number;
      readonly name: string;
      /** Null when it was removed. */
      readonly value: string | null;
    };

export interface AlertRun {
  readonly id: string;
  readonly path: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
}

/** The `alerts` section of a CIB. A recipient's own settings add to those of its alert and go before them. */
export function readAlerts(cib: Element): Alert[] {
  const alerts: Alert[] = [];
  for (const element of cib.at('configuration', 'alerts')?.elements('alert') ?? []) {
    const path = element.get('path');
    if (path === undefined) continue;
    const alert = refine(
      {
        id: element.id,
        path,
        recipient: null,
        timeoutMs: DEFAULT_TIMEOUT_MS,
        timestampFormat: DEFAULT_TIMESTAMP_FORMAT,
        kinds: new Set(['node', 'fencing', 'resource']),
        attributes: null,
        environment: {},
      },
      element,
    );
    const recipients = element.elements('recipient');
    if (recipients.length === 0) alerts.push(alert);
    for (const recipient of recipients) {
      alerts.push(refine({ ...alert, recipient: recipient.get('value') ?? '' }, recipient));
    }
  }
  return alerts;
}

function refine(alert: Alert, element: Element): Alert {
  const environment: Record<string, string> = { ...alert.environment };
  for (const pair of element.first('instance_attributes')?.elements('nvpair') ?? []) {
    const name = pair.get('name');
    if (name !== undefined) environment[name] = pair.get('value') ?? '';
  }
  const meta = new Map(
    element
      .elements('meta_attributes')
      .flatMap((set) => set.elements('nvpair'))
      .map((pair) => [pair.get('name'), pair.get('value')]),
  );
  const timeoutMs = parseMilliseconds(meta.get('timeout'));
  return {
    ...alert,
    environment,
    timeoutMs: timeoutMs === undefined ? alert.timeoutMs : timeoutMs > 0 ? timeoutMs : DEFAULT_TIMEOUT_MS,
    timestampFormat: meta.get('timestamp-format') ?? alert.timestampFormat,
    ...readSelection(element),
  };
}

function readSelection(element: Element): Partial<Pick<Alert, 'kinds' | 'attributes'>> {
  const kinds = new Set<AlertKind>();
  let attributes: Set<string> | null = null;
  for (const selected of element.first('select')?.elements() ?? []) {
    if (selected.name === 'select_nodes') kinds.add('node');
    else if (selected.name === 'select_fencing') kinds.add('fencing');
    else if (selected.name === 'select_resources') kinds.add('resource');
    else if (selected.name === 'select_attributes') {
      kinds.add('attribute');
      const names = selected.elements('attribute').flatMap((attribute) => attribute.get('name') ?? []);
      if (names.length > 0) attributes = new Set(names);
    }
  }
  return kinds.size === 0 ? {} : { kinds, attributes };
}

/** What is to be run for an event. `sequence` counts this node's alerts, the first of these is it; `nowMs` is milliseconds since 1970. */
export function alertRuns(
  alerts: readonly Alert[],
  event: AlertEvent,
  sequence: number,
  nowMs: number,
): AlertRun[] {
  if (event.kind === 'resource' && isExpectedProbe(event.result, event.expectedRc)) return [];
  const wanted = alerts.filter(
    (alert) =>
      alert.kinds.has(event.kind) &&
      (event.kind !== 'attribute' || alert.attributes === null || alert.attributes.has(event.name)),
  );
  const common = eventVariables(event);
  return wanted.map((alert, index) => ({
    id: alert.id,
    path: alert.path,
    timeoutMs: alert.timeoutMs,
    environment: {
      ...variables({
        ...common,
        kind: event.kind,
        version: ALERT_VERSION,
        recipient: alert.recipient ?? undefined,
        node_sequence: String(sequence + index),
        timestamp: formatTime(alert.timestampFormat, nowMs),
        timestamp_epoch: String(Math.floor(nowMs / 1000)),
        timestamp_usec: String((nowMs % 1000) * 1000).padStart(6, '0'),
      }),
      ...alert.environment,
    },
  }));
}

function isExpectedProbe(result: OperationResult, expectedRc: number): boolean {
  return result.operation === 'monitor' && result.intervalMs === 0 && result.rc === expectedRc;
}

function eventVariables(event: AlertEvent): Record<string, string | undefined> {
  switch (event.kind) {
    case 'node':
      return { node: event.node, nodeid: String(event.nodeId), desc: event.state };
    case 'fencing':
      return { node: event.target, task: event.action, desc: event.description, rc: String(event.rc) };
    case 'attribute':
      return {
        node: event.node,
        nodeid: String(event.nodeId),
        attribute_name: event.name,
        attribute_value: event.value ?? undefined,
      };
    case 'resource': {
      const { result } = event;
      return {
        node: event.node,
        rsc: result.resource,
        task: result.operation,
        interval: String(result.intervalMs),
        target_rc: String(event.expectedRc),
        status: String(EXECUTION_STATUS_NUMBER[result.status]),
        rc: String(result.rc),
        exec_time: String(result.execTimeMs),
        desc: result.status === 'done' ? exitStatusName(result.rc) : statusText(result.status),
      };
    }
  }
}

/** Each under its present and its old name. */
function variables(values: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const environment: Record<string, string> = {};
  for (const [name, value] of Object.entries(values)) {
    if (value === undefined) continue;
    environment[`CRM_alert_${name}`] = value;
    environment[`CRM_notify_${name}`] = value;
  }
  return environment;
}

const STATUS_TEXT: Partial<Record<OperationResult['status'], string>> = {
  done: 'complete',
  timeout: 'Timed Out',
  error: 'Error',
  'error-hard': 'Hard error',
  'error-fatal': 'Fatal error',
  'not-installed': 'Not installed',
  'not-supported': 'NOT SUPPORTED',
  'not-connected': 'Internal communication failure',
  invalid: 'Cannot execute now',
  cancelled: 'Cancelled',
  pending: 'pending',
  'no-fence-device': 'No fence device',
  'no-secrets': 'CIB secrets unavailable',
};

function statusText(status: OperationResult['status']): string {
  return STATUS_TEXT[status] ?? 'UNKNOWN!';
}
