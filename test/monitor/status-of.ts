import { Element } from '../../src/cib/element.js';
import { parseXml, writeXml } from '../../src/cib/xml.js';
import type { ClusterStatus } from '../../src/status/types.js';
import { unpackStatus } from '../../src/status/unpack.js';

/** Saturday 21 November 2026, 12:00 UTC. */
export const NOW_MS = Date.UTC(2026, 10, 21, 12);
const NOW_SEC = NOW_MS / 1000;

export interface Operation {
  readonly node: string;
  readonly resource: string;
  readonly task?: string;
  readonly intervalMs?: number;
  readonly rc?: number;
  readonly expected?: number;
  /** `op-status`; -1 is pending. */
  readonly status?: number;
  readonly secondsAgo?: number;
  readonly execMs?: number;
  readonly reason?: string;
}

export interface Cluster {
  /** Children of `resources`. */
  readonly resources?: string;
  readonly constraints?: string;
  readonly nodes?: readonly string[];
  readonly offline?: readonly string[];
  readonly standby?: readonly string[];
  readonly properties?: Readonly<Record<string, string>>;
  readonly operations?: readonly Operation[];
  /** Transient attributes: `node/name` → value. */
  readonly attributes?: Readonly<Record<string, string>>;
  readonly quorum?: boolean;
}

function pairs(id: string, values: Readonly<Record<string, string>>): string {
  return Object.entries(values)
    .map(([name, value]) => `<nvpair id="${id}-${name}" name="${name}" value="${value}"/>`)
    .join('');
}

export function dummy(id: string, meta: Readonly<Record<string, string>> = {}): string {
  const attributes =
    Object.keys(meta).length > 0
      ? `<meta_attributes id="${id}-m">${pairs(`${id}-m`, meta)}</meta_attributes>`
      : '';
  return `<primitive id="${id}" class="ocf" provider="heartbeat" type="Dummy">${attributes}</primitive>`;
}

/** A CIB with a state that is described in a few words. */
export function cibOf(cluster: Cluster): string {
  const nodes = cluster.nodes ?? ['alpha', 'bravo'];
  // As with Heartbeat, whose node ids are names, where a name has capitals.
  const idOf = (name: string) => (/[A-Z]/.test(name) ? name : String(nodes.indexOf(name) + 1));
  const properties = { 'stonith-enabled': 'false', 'cluster-name': 'lbcluster', ...cluster.properties };
  const states = nodes.map((name) => {
    const offline = cluster.offline?.includes(name) ?? false;
    const mine = (cluster.operations ?? []).filter((operation) => operation.node === name);
    const resources = [...new Set(mine.map((operation) => operation.resource))].map((resource) => {
      const entries = mine.filter((operation) => operation.resource === resource);
      return `<lrm_resource id="${resource}" class="ocf" provider="heartbeat" type="Dummy">${entries
        .map((entry, index) => operationXml(entry, index + 1))
        .join('')}</lrm_resource>`;
    });
    const attributes = Object.entries(cluster.attributes ?? {})
      .filter(([key]) => key.startsWith(`${name}/`))
      .map(([key, value]) => [key.slice(name.length + 1), value] as const);
    return (
      `<node_state id="${idOf(name)}" uname="${name}" in_ccm="${!offline}" crmd="${offline ? 'offline' : 'online'}" ` +
      `join="${offline ? 'down' : 'member'}" expected="${offline ? 'down' : 'member'}">` +
      `<lrm id="${idOf(name)}"><lrm_resources>${resources.join('')}</lrm_resources></lrm>` +
      `<transient_attributes id="${idOf(name)}"><instance_attributes id="t-${name}">` +
      `${pairs(`t-${name}`, Object.fromEntries(attributes))}</instance_attributes></transient_attributes></node_state>`
    );
  });
  const nodeXml = nodes.map((name) => {
    const standby = cluster.standby?.includes(name)
      ? `<instance_attributes id="n-${name}">${pairs(`n-${name}`, { standby: 'on' })}</instance_attributes>`
      : '';
    return `<node id="${idOf(name)}" uname="${name}">${standby}</node>`;
  });
  return (
    `<cib crm_feature_set="3.16.1" validate-with="pacemaker-3.9" epoch="5" num_updates="3" admin_epoch="0" ` +
    `have-quorum="${cluster.quorum === false ? 0 : 1}" dc-uuid="1" cib-last-written="Sat Nov 21 11:00:00 2026">` +
    `<configuration><crm_config><cluster_property_set id="p">${pairs('p', properties)}</cluster_property_set></crm_config>` +
    `<nodes>${nodeXml.join('')}</nodes><resources>${cluster.resources ?? ''}</resources>` +
    `<constraints>${cluster.constraints ?? ''}</constraints></configuration><status>${states.join('')}</status></cib>`
  );
}

function operationXml(operation: Operation, call: number): string {
  const { resource, task = 'start', intervalMs = 0, rc = 0, expected = 0, status = 0 } = operation;
  const key = `${resource}_${task}_${intervalMs}`;
  const transition = `${call}:1:${expected}:0a0a0a0a-0000-4000-8000-000000000000`;
  const failed = status > 0 || (status === 0 && rc !== expected);
  const element = new Element('lrm_rsc_op', {
    id:
      failed && task === 'monitor'
        ? `${resource}_last_failure_0`
        : task === 'monitor'
          ? key
          : `${resource}_last_0`,
    operation_key: key,
    operation: task,
    'transition-key': transition,
    'transition-magic': `${status}:${rc};${transition}`,
    'exit-reason': operation.reason ?? '',
    on_node: operation.node,
    'call-id': String(status === -1 ? -1 : call),
    'rc-code': String(rc),
    'op-status': String(status),
    interval: String(intervalMs),
    'last-rc-change': String(NOW_SEC - (operation.secondsAgo ?? 60)),
    'exec-time': String(operation.execMs ?? 20),
    'queue-time': '0',
  });
  return writeXml(element, { indent: false });
}

export function statusOf(cluster: Cluster): ClusterStatus {
  return unpackStatus(parseXml(cibOf(cluster)), { nowMs: NOW_MS });
}
