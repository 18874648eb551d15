import { operationDigest } from '../cib/digest.js';
import { Element } from '../cib/element.js';
import { scanInteger } from '../cib/number.js';
import { compareVersions, FEATURE_SET } from '../cib/version.js';
import { agentCapabilities, isFencerParameter } from './agents.js';
import { surroundings, unpackNvpairs } from './nvpairs.js';
import { findOperation, operationSettings } from './operation.js';
import { operationKey } from './operation-key.js';
import { resourceParameters } from './parameters.js';
import { currentNode } from './queries.js';
import { isRemoteConnectionXml } from './resources.js';
import type { ClusterNode, ClusterStatus, OperationDigests, Resource } from './types.js';

const NEVER_COUNT = new Set([
  'id',
  'crm_feature_set',
  'op-digest',
  'on_node',
  'on_node_uuid',
  'pcmk_external_ip',
]);

/** Takes out what the cluster adds; the timeout of a recurring operation stays. */
export function withoutClusterAttributes(parameters: Map<string, string>): Map<string, string> {
  const interval = Number(scanInteger(parameters.get('CRM_meta_interval') ?? '')?.value ?? 0n);
  const kept = new Map<string, string>();
  for (const [name, value] of parameters) {
    if (!name.startsWith('CRM_meta_') && !NEVER_COUNT.has(name)) kept.set(name, value);
  }
  const timeout = parameters.get('CRM_meta_timeout');
  if (interval !== 0 && timeout !== undefined) kept.set('CRM_meta_timeout', timeout);
  return kept;
}

function digest(parameters: Map<string, string>): string {
  return operationDigest(new Element('parameters', parameters));
}

/** Meta-attributes as they stand in graphs; those of the cluster itself, with `#` or `:`, do not. */
export function metaName(name: string): string | undefined {
  return /[#:]/.test(name) ? undefined : `CRM_meta_${name.replaceAll('-', '_')}`;
}

/** Whether the connection's address is that of the host its container runs on. */
export function needsHostAddress(status: ClusterStatus, resource: Resource): boolean {
  return (
    isRemoteConnectionXml(resource.xml) &&
    resourceParameters(status, resource, undefined).get('addr')?.toLowerCase() === '#uname'
  );
}

/** The host of a bundle's container: the one assigned, else the one it is on. */
export function containerHost(resource: Resource): ClusterNode | undefined {
  let top = resource;
  while (top.parent) top = top.parent;
  const replica = top.bundle?.replicas.find((candidate) => candidate.remote === resource);
  return replica && (replica.container.plan?.assigned ?? currentNode(replica.container));
}

/**
 * Digests of an operation as configured now.
 *
 * @param recorded the entry of the history that they are to be compared with, where there is one
 */
export function calculateDigests(
  status: ClusterStatus,
  resource: Resource,
  task: string,
  intervalMs: number,
  node: ClusterNode,
  recorded: Element | undefined,
  secure: boolean,
): OperationDigests {
  const version = recorded?.get('crm_feature_set') ?? status.cib.get('crm_feature_set') ?? FEATURE_SET;
  const parameters = resourceParameters(status, resource, node);
  const all = new Map<string, string>();
  if (needsHostAddress(status, resource)) {
    const host = containerHost(resource);
    if (host) all.set('addr', host.name);
  }
  const key = operationKey(resource.id, task, intervalMs);
  const configured = findOperation(resource, key, true);
  const settings = operationSettings(status, resource, task, intervalMs, key, configured, node);
  const extra = new Map<string, string>();
  if (configured) {
    const context = surroundings(status, { node: node.attributes });
    unpackNvpairs(status, configured.xml, 'instance_attributes', context, extra);
  }
  const add = (name: string, value: string) => {
    if (!all.has(name)) all.set(name, value);
  };
  for (const [name, value] of parameters) add(name, value);
  for (const [name, value] of extra) add(name, value);
  for (const [name, value] of settings.meta) {
    const meta = metaName(name);
    if (meta) add(meta, value);
  }
  const counting = withoutClusterAttributes(all);
  return {
    verdict: intervalMs === 0 && extra.size > 0 ? 'restart' : 'match',
    all: digest(counting),
    secure: secure ? secureDigest(resource, parameters, counting, recorded, version) : undefined,
    restart: recorded && restartDigest(status, counting, recorded),
  };
}

function secureDigest(
  resource: Resource,
  parameters: Map<string, string>,
  counting: Map<string, string>,
  recorded: Element | undefined,
  version: string,
): string {
  const privateList = recorded ? recorded.get('op-secure-params') : ' passwd password user ';
  const old = compareVersions(version, '3.16.0') < 0;
  let kept = new Map(old ? parameters : counting);
  if (privateList !== undefined) {
    for (const name of kept.keys()) if (privateList.includes(` ${name} `)) kept.delete(name);
  }
  if (old && agentCapabilities(resource.standard).fenceParameters) {
    for (const name of kept.keys()) if (isFencerParameter(name)) kept.delete(name);
  }
  kept = withoutClusterAttributes(kept);
  if (old) kept.delete('CRM_meta_timeout');
  return digest(kept);
}

/** A recurring operation whose failure has expired counts as started with other parameters: it is scheduled anew. */
function recordedRestartDigest(status: ClusterStatus, recorded: Element): string | undefined {
  return status.expiredOperations.has(recorded) ? 'expired' : recorded.get('op-restart-digest');
}

function restartDigest(
  status: ClusterStatus,
  counting: Map<string, string>,
  recorded: Element,
): string | undefined {
  if (recordedRestartDigest(status, recorded) === undefined) return undefined;
  const list = recorded.get('op-force-restart');
  if (list === undefined) return digest(counting);
  return digest(new Map([...counting].filter(([name]) => list.includes(` ${name} `))));
}

function cachedDigests(
  status: ClusterStatus,
  resource: Resource,
  task: string,
  intervalMs: number,
  node: ClusterNode,
  recorded: Element | undefined,
  secure: boolean,
): OperationDigests {
  const cache = status.digests;
  const key = `${node.id} ${operationKey(resource.id, task, intervalMs)}`;
  let found = cache.get(key);
  if (!found) {
    found = calculateDigests(status, resource, task, intervalMs, node, recorded, secure);
    cache.set(key, found);
  }
  return found;
}

/**
 * Compares the parameters that an operation ran with to those configured now.
 *
 * @param secure also calculate the digest without private parameters
 */
export function compareDigests(
  status: ClusterStatus,
  resource: Resource,
  recorded: Element,
  node: ClusterNode,
  secure: boolean,
): OperationDigests {
  const task = recorded.get('operation') ?? '';
  const intervalMs = Number(scanInteger(recorded.get('interval') ?? '')?.value ?? 0n);
  const digests = cachedDigests(status, resource, task, intervalMs, node, recorded, secure);
  const all = recorded.get('op-digest');
  const restart = recordedRestartDigest(status, recorded);
  if (restart !== undefined && digests.restart !== undefined && digests.restart !== restart) {
    digests.verdict = 'restart';
  } else if (all === undefined) digests.verdict = 'unknown';
  else if (all === digests.all) digests.verdict = 'match';
  else if (!(intervalMs === 0 && digests.verdict === 'restart')) digests.verdict = 'all';
  return digests;
}

/**
 * Compares a fence device's parameters to those that a node was unfenced with (`#digests-all`,
 * `#digests-secure`).
 *
 * @param note told of what may be said about a change of private parameters only
 */
export function compareUnfencingDigests(
  status: ClusterStatus,
  device: Resource,
  node: ClusterNode,
  note: (text: string) => void,
): OperationDigests {
  const agent = device.meta.get('type') ?? '';
  const digests = cachedDigests(status, device, 'stonith-on', 0, node, undefined, true);
  const recordedAll = node.attributes.get('#digests-all');
  if (recordedAll === undefined) {
    digests.verdict = 'unknown';
    return digests;
  }
  if (recordedAll.includes(`${device.id}:${agent}:${digests.all}`)) {
    digests.verdict = 'match';
    return digests;
  }
  const summary = `${device.id}:${agent}:${digests.secure}`;
  if (node.attributes.get('#digests-secure')?.includes(summary)) {
    digests.verdict = 'match';
    note(`Only 'private' parameters to ${device.id} for unfencing ${node.name} changed`);
    return digests;
  }
  digests.verdict = 'all';
  return digests;
}
