import { parseBoolean } from '../cib/boolean.js';
import { secondsSinceEpoch } from '../cib/civil-time.js';
import type { Element } from '../cib/element.js';
import { intervalMs as intervalOf, parseMilliseconds } from '../cib/interval.js';
import { parseDateTime } from '../cib/iso8601.js';
import { agentCapabilities } from './agents.js';
import { surroundings, unpackNvpairs } from './nvpairs.js';
import { operationKey } from './operation-key.js';
import { resourceParameters } from './parameters.js';
import { warnOnce } from './remarks.js';
import {
  type ClusterNode,
  type ClusterStatus,
  type ConfiguredOperation,
  parseRole,
  type Resource,
  Role,
} from './types.js';

/** What follows a failed operation (`on-fail`, with the cluster's own defaults). */
export type FailureResponse =
  | 'ignore'
  | 'demote'
  | 'recover'
  | 'reset-remote'
  | 'restart-container'
  | 'migrate'
  | 'block'
  | 'stop'
  | 'standby'
  | 'fence';

const SEVERITY: Readonly<Record<FailureResponse, number>> = {
  ignore: 0,
  demote: 1,
  recover: 2,
  'reset-remote': 3,
  'restart-container': 4,
  migrate: 5,
  block: 6,
  stop: 7,
  standby: 8,
  fence: 9,
};

/** Negative where `a` is milder than `b`. */
export function compareResponses(a: FailureResponse, b: FailureResponse): number {
  return SEVERITY[a] - SEVERITY[b];
}

export interface OperationSettings {
  /** `CRM_meta_*` without the prefix: defaults, the operation's meta-attributes and attributes, resolved times. */
  readonly meta: Map<string, string>;
  readonly onFail: FailureResponse;
  /** The role that a failure leaves the resource in; Started where it says nothing. */
  readonly failRole: Role;
  /** What a start or promotion has to wait for. */
  readonly needs: 'nothing' | 'quorum' | 'fencing';
}

export const DEFAULT_TIMEOUT_MS = 20_000;

/**
 * The `<op>` configured for an operation key. Migrations may be configured as `migrate`, notifications as `notify`.
 */
export function findOperation(
  resource: Resource,
  key: string,
  includeDisabled: boolean,
): ConfiguredOperation | undefined {
  const found = matchOperation(resource, key, includeDisabled);
  if (found || resource.operations.length === 0) return found;
  if (key.includes('migrate_')) {
    return matchOperation(resource, operationKey(resource.id, 'migrate', 0), includeDisabled);
  }
  if (key.includes('_notify_')) {
    return matchOperation(resource, operationKey(resource.id, 'notify', 0), includeDisabled);
  }
  return undefined;
}

function matchOperation(
  resource: Resource,
  key: string,
  includeDisabled: boolean,
): ConfiguredOperation | undefined {
  for (const operation of resource.operations) {
    if (!includeDisabled && !operation.enabled) continue;
    const suffix = `_${operation.name}_${operation.intervalMs}`;
    if (!key.endsWith(suffix)) continue;
    const length = key.length - suffix.length;
    if (length === resource.id.length && key.startsWith(resource.id)) return operation;
    const historyName = resource.historyName;
    if (historyName !== undefined && length === historyName.length && key.startsWith(historyName)) {
      return operation;
    }
  }
  return undefined;
}

/** The recurring monitor with the smallest interval that is not disabled. */
function mostFrequentMonitor(resource: Resource): ConfiguredOperation | undefined {
  let best: ConfiguredOperation | undefined;
  for (const operation of resource.operations) {
    if (!operation.enabled || operation.name?.toLowerCase() !== 'monitor' || operation.intervalMs === 0)
      continue;
    if (!best || operation.intervalMs < best.intervalMs) best = operation;
  }
  return best;
}

/**
 * The settings of an operation of a resource.
 *
 * @param configured its `<op>`, where there is one
 */
export function operationSettings(
  status: ClusterStatus,
  resource: Resource,
  task: string,
  intervalMs: number,
  key: string,
  configured: ConfiguredOperation | undefined,
  node: ClusterNode | undefined,
): OperationSettings {
  const meta = new Map<string, string>();
  const isProbe = task === 'monitor' && intervalMs === 0;
  const context =
    status.operationDefaults || configured
      ? surroundings(status, {
          resource: {
            class: resource.xml.get('class') ?? '',
            provider: resource.xml.get('provider'),
            type: resource.xml.get('type') ?? '',
          },
          operation: { name: task, intervalMs },
        })
      : undefined;
  if (context) unpackNvpairs(status, status.operationDefaults, 'meta_attributes', context, meta);
  if (isProbe) {
    const timeout = mostFrequentMonitor(resource)?.xml.get('timeout');
    if (timeout !== undefined) meta.set('timeout', timeout);
  }
  if (configured) {
    unpackNvpairs(status, configured.xml, 'meta_attributes', context!, meta, { overwrite: true });
    for (const [name, value] of configured.xml.attributes) meta.set(name, value);
  }
  meta.delete('id');
  if (intervalMs > 0) meta.set('interval', String(intervalMs));
  else meta.delete('interval');
  if (
    (task.toLowerCase() === 'start' || isProbe) &&
    agentCapabilities(resource.xml.get('class')).fenceParameters
  ) {
    const timeout = resourceParameters(status, resource, node).get('pcmk_monitor_timeout');
    if (timeout !== undefined) meta.set('timeout', timeout);
  }
  meta.set('timeout', String(parseMilliseconds(meta.get('timeout')) ?? DEFAULT_TIMEOUT_MS));

  const { onFail, failRole } = failureResponse(status, resource, task, intervalMs, key, configured, meta);
  setStartDelay(status, meta, intervalMs, configured?.xml.id ?? key);
  return { meta, onFail, failRole, needs: requirement(resource, task) };
}

function requirement(resource: Resource, task: string): OperationSettings['needs'] {
  const lower = task.toLowerCase();
  if (lower !== 'start' && lower !== 'promote') return 'nothing';
  if (resource.needsFencing) return 'fencing';
  return resource.needsQuorum ? 'quorum' : 'nothing';
}

function isPromotedRole(text: string | undefined): boolean {
  return parseRole(text) === Role.Promoted;
}

/** The `on-fail` value that counts; undefined where the default is to be taken. */
function configuredResponse(
  status: ClusterStatus,
  resource: Resource,
  task: string,
  configured: ConfiguredOperation | undefined,
  meta: Map<string, string>,
): string | undefined {
  const value = meta.get('on-fail')?.toLowerCase();
  const reset = (why: string) => {
    status.messages.push({
      severity: 'error',
      text: `Resetting 'on-fail' for ${resource.id} ${why}`,
    });
    return undefined;
  };
  if (task === 'stop' && (value === 'standby' || value === 'demote' || value === 'stop')) {
    return reset(`stop action to default value because '${value}' is not allowed for stop`);
  }
  if (task === 'demote' && value === undefined) {
    for (const operation of resource.operations) {
      const onFail = operation.xml.get('on-fail')?.toLowerCase();
      if (onFail === undefined || onFail === 'demote' || !operation.enabled) continue;
      if (operation.name?.toLowerCase() !== 'monitor' || operation.intervalMs === 0) continue;
      if (isPromotedRole(operation.xml.get('role'))) return onFail;
    }
    return undefined;
  }
  if (task === 'lrm_delete') return 'ignore';
  if (value === 'demote') {
    const name = configured?.name?.toLowerCase();
    const promotedMonitor =
      name === 'monitor' && isPromotedRole(configured!.xml.get('role')) && configured!.intervalMs !== 0;
    if (name !== 'promote' && !promotedMonitor) {
      return reset(`${name} action to default value because 'demote' is not allowed for it`);
    }
  }
  return value;
}

function failureResponse(
  status: ClusterStatus,
  resource: Resource,
  task: string,
  intervalMs: number,
  key: string,
  configured: ConfiguredOperation | undefined,
  meta: Map<string, string>,
): { onFail: FailureResponse; failRole: Role } {
  let onFail: FailureResponse = 'ignore';
  let failRole: Role = Role.Unknown;
  let value = configuredResponse(status, resource, task, configured, meta);
  const { stonithEnabled } = status.options;
  switch (value) {
    case undefined:
      break;
    case 'block':
      onFail = 'block';
      meta.set('on-fail', 'block');
      break;
    case 'fence':
      onFail = 'fence';
      if (!stonithEnabled) {
        status.messages.push({
          severity: 'error',
          text: `Resetting 'on-fail' for operation '${key}' to 'stop' because 'fence' is not valid when fencing is disabled`,
        });
        onFail = 'stop';
        failRole = Role.Stopped;
      }
      break;
    case 'standby':
    case 'migrate':
    case 'demote':
      onFail = value;
      break;
    case 'ignore':
    case 'nothing':
      onFail = 'ignore';
      break;
    case 'stop':
      onFail = 'stop';
      failRole = Role.Stopped;
      break;
    case 'restart':
      onFail = 'recover';
      break;
    case 'restart-container':
      if (resource.container) onFail = 'restart-container';
      else value = undefined;
      break;
    default:
      status.messages.push({
        severity: 'error',
        text: `Resource ${resource.id}: Unknown failure type (${value})`,
      });
      value = undefined;
  }
  if (value === undefined && resource.container) {
    onFail = 'restart-container';
  } else if (
    (value === undefined || !resource.managed) &&
    isRemoteNodeConnection(status, resource) &&
    !(task === 'monitor' && intervalMs === 0) &&
    task !== 'start'
  ) {
    if (!resource.managed) {
      onFail = 'stop';
      failRole = Role.Stopped;
    } else {
      if (resource.reconnectIntervalMs) failRole = Role.Stopped;
      onFail = 'reset-remote';
    }
  } else if (value === undefined && task === 'stop') {
    onFail = stonithEnabled ? 'fence' : 'block';
  } else if (value === undefined) {
    onFail = 'recover';
  }
  const afterFailure = configured && meta.get('role_after_failure');
  if (afterFailure) {
    warnOnce(status, 'Support for role_after_failure is deprecated and will be removed in a future release');
  }
  if (afterFailure !== undefined && failRole === Role.Unknown) failRole = parseRole(afterFailure);
  if (failRole === Role.Unknown) failRole = task === 'promote' ? Role.Unpromoted : Role.Started;
  return { onFail, failRole };
}

/** A connection to a Pacemaker Remote node that is no guest. */
export function isRemoteNodeConnection(status: ClusterStatus, resource: Resource): boolean {
  if (!resource.isRemoteConnection) return false;
  return status.nodesByName.get(resource.id.toLowerCase())?.isRemote ?? false;
}

/** Fills in `start-delay`, from `interval-origin` where only that is given. */
function setStartDelay(
  status: ClusterStatus,
  meta: Map<string, string>,
  intervalMs: number,
  id: string,
): void {
  const delay = meta.get('start-delay');
  if (delay !== undefined) {
    meta.set('start-delay', String(Math.max(0, parseMilliseconds(delay) ?? 0)));
    return;
  }
  const originText = meta.get('interval-origin');
  if (originText === undefined || intervalMs === 0) return;
  const origin = parseDateTime(originText, status.now);
  if (!origin.ok) {
    status.messages.push(
      { severity: 'error', text: origin.reason },
      {
        severity: 'error',
        text: `Ignoring 'interval-origin' for operation '${id}' because '${originText}' is not valid`,
      },
    );
    return;
  }
  const intervalSec = Math.trunc(intervalMs / 1000);
  const since = (status.nowSec - secondsSinceEpoch(origin.value)) % intervalSec;
  meta.set('start-delay', String(((since <= 0 ? 0 : intervalSec) - since) * 1000));
}

/** The `<op>` elements below an `operations`. */
export function readOperations(operations: Element | undefined): ConfiguredOperation[] {
  return (operations?.elements('op') ?? []).map((xml) => ({
    xml,
    name: xml.get('name'),
    intervalMs: intervalOf(xml.get('interval')),
    enabled: parseBoolean(xml.get('enabled')) !== false,
  }));
}
