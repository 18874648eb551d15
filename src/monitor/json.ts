import { resourceParameters } from '../status/parameters.js';
import { isActive } from '../status/queries.js';
import { type ClusterNode, type Resource, Role, roleName } from '../status/types.js';
import { attributesByNode } from './attributes.js';
import { shownBans } from './bans.js';
import { shownFailures } from './failures.js';
import { nodeHistories } from './history.js';
import { featureSet, nodeHealth, nodeState } from './node-text.js';
import type { Report } from './report.js';
import { agentName, isDisabled, pendingOperation, shownState } from './resource-text.js';
import { summarize } from './summary.js';
import { executionText, exitText, scanNumber } from './terms.js';
import { shownTickets } from './tickets.js';
import { isFiltered, nodeMatches, replicaParts, type View } from './view.js';

/** Grows when a field changes its meaning or goes; new fields may come at any time. */
export const JSON_VERSION = 1;

function isoTime(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replace('.000Z', 'Z');
}

/** Milliseconds from a text attribute; null where it is absent. */
function milliseconds(value: string | undefined): number | null {
  return value === undefined ? null : scanNumber(value, 0);
}

function nodeData({ status }: Report, node: ClusterNode) {
  return {
    name: node.name,
    id: node.id,
    type: node.isGuest ? 'guest' : node.type,
    state: nodeState(node),
    online: node.online,
    standby: node.standby,
    standbyOnFail: node.standbyOnFail,
    maintenance: node.maintenance,
    pending: node.pending,
    unclean: node.unclean,
    shutdown: node.shutdown,
    expectedUp: node.expectedUp,
    isDc: node.isDc,
    health: nodeHealth(status, node),
    featureSet: featureSet(node) ?? null,
    resources: node.running.map((resource) => resource.id),
  };
}

function resourceData(resource: Resource, view: View): unknown {
  const common = {
    id: resource.id,
    kind: resource.kind,
    active: isActive(resource, true),
    partlyActive: isActive(resource, false),
    managed: resource.managed,
    maintenance: resource.maintenance,
    disabled: isDisabled(resource),
    failed: resource.failed,
    failureIgnored: resource.failureIgnored,
    blocked: resource.blocked,
    orphaned: resource.orphan,
    targetRole: resource.meta.get('target-role') ?? null,
  };
  const members = (of: readonly Resource[]) =>
    of.filter((one) => !isFiltered(one, view.resources, true)).map((one) => resourceData(one, view));
  switch (resource.kind) {
    case 'primitive':
      return {
        ...common,
        agent: agentName(resource),
        role: shownState(resource, false),
        pending: resource.pendingTask ?? pendingOperation(resource) ?? null,
        nodes: resource.runningOn.map((node) => node.name),
        lockedTo: resource.lockNode?.name ?? null,
        description: resource.xml.get('description') ?? null,
      };
    case 'group':
      return { ...common, members: members(resource.children) };
    case 'clone':
      return {
        ...common,
        promotable: resource.promotable,
        unique: resource.unique,
        instances: members(resource.children),
      };
    case 'bundle': {
      const { agent, image, replicas } = resource.bundle!;
      return {
        ...common,
        runtime: agent,
        image,
        unique: resource.unique,
        replicas: replicas.map((replica) => ({
          number: replica.offset,
          address: replica.ipAddress ?? null,
          resources: members(replicaParts(replica)),
        })),
      };
    }
  }
}

/**
 * The report as plain data, for `--output-as=json`; docs/crm_mon.schema.json describes it. A section that was not
 * asked for is absent.
 */
export function reportData(report: Report): Record<string, unknown> {
  const { status, view, fencing, locations } = report;
  const { sections } = view;
  const data: Record<string, unknown> = { version: JSON_VERSION };
  const summary = summarize(status);
  const overview: Record<string, unknown> = {};
  if (sections.has('stack')) overview.stack = summary.stack;
  if (sections.has('dc') || !status.dc) {
    overview.dc = status.dc
      ? { name: status.dc.name, id: status.dc.id, version: summary.dcVersion ?? null }
      : null;
    overview.quorate = summary.quorate;
    overview.mixedVersion = summary.mixedVersion;
  }
  if (sections.has('times')) {
    overview.lastUpdate = new Date(status.nowMs).toISOString();
    overview.lastChange = {
      time: summary.lastWritten ?? null,
      user: summary.lastUser ?? null,
      client: summary.lastClient ?? null,
      origin: summary.lastOrigin ?? null,
    };
  }
  if (sections.has('counts')) {
    overview.nodesConfigured = status.nodes.length;
    overview.resourcesConfigured = status.instanceCount;
    overview.resourcesDisabled = status.disabledCount;
    overview.resourcesBlocked = status.blockedCount;
  }
  if (sections.has('maint-mode')) {
    overview.maintenanceMode = status.options.maintenanceMode;
    overview.stopAllResources = status.options.stopAllResources;
  }
  if (sections.has('options')) {
    overview.options = {
      'stonith-enabled': status.options.stonithEnabled,
      'symmetric-cluster': status.options.symmetricCluster,
      'no-quorum-policy': status.options.noQuorumPolicy,
      'maintenance-mode': status.options.maintenanceMode,
      'stop-all-resources': status.options.stopAllResources,
      'stonith-timeout-ms': status.options.stonithTimeoutMs,
      'priority-fencing-delay-ms': status.options.priorityFencingDelaySec * 1000,
    };
  }
  if (Object.keys(overview).length > 0) data.summary = overview;
  if (sections.has('nodes')) {
    data.nodes = status.nodes
      .filter((node) => nodeMatches(view, node.name))
      .map((node) => nodeData(report, node));
  }
  if (sections.has('resources')) {
    data.resources = status.resources
      .filter((resource) => !(resource.orphan && !isActive(resource, true)))
      .filter((resource) => !isFiltered(resource, view.resources, true))
      .map((resource) => resourceData(resource, view));
  }
  if (sections.has('attributes')) {
    const parameterOf = (resource: Resource, node: ClusterNode, name: string) =>
      resourceParameters(status, resource, node).get(name);
    data.attributes = attributesByNode(status, view, parameterOf).map(({ node, attributes }) => ({
      node: node.name,
      attributes: attributes.map(({ name, value, expected }) => ({
        name,
        value,
        expected: expected ?? null,
      })),
    }));
  }
  if (sections.has('operations') || sections.has('failcounts')) {
    data.history = nodeHistories(status, view).map(({ node, resources }) => ({
      node: node.name,
      resources: resources.map((history) => ({
        id: history.id,
        migrationThreshold: history.resource.migrationThreshold,
        failCount: history.failCount,
        lastFailure: history.lastFailure > 0 ? isoTime(history.lastFailure) : null,
        operations: history.operations.map(({ xml, call, task, interval, code }) => ({
          call: scanNumber(call, -1),
          task,
          intervalMs: scanNumber(interval, 0),
          code,
          status: exitText(code),
          lastChange:
            xml.get('last-rc-change') === undefined
              ? null
              : isoTime(scanNumber(xml.get('last-rc-change'), 0)),
          execTimeMs: milliseconds(xml.get('exec-time')),
          queueTimeMs: milliseconds(xml.get('queue-time')),
        })),
      })),
    }));
  }
  if (sections.has('failures')) {
    data.failures = shownFailures(status, view).map((failure) => ({
      operation: failure.key ?? failure.xml.id,
      node: failure.nodeName,
      code: failure.code,
      status: exitText(failure.code),
      execution: executionText(failure.execution),
      reason: failure.exitReason ?? null,
      call: scanNumber(failure.xml.get('call-id'), -1),
      lastChange: failure.lastChange === undefined ? null : isoTime(failure.lastChange),
      execTimeMs: milliseconds(failure.xml.get('exec-time')),
      queueTimeMs: milliseconds(failure.xml.get('queue-time')),
    }));
  }
  if (fencing) {
    data.fencing =
      'unavailable' in fencing
        ? { unavailable: fencing.unavailable }
        : fencing.entries
            .filter((entry) => nodeMatches(view, entry.target))
            .map(({ completedAtMs, ...entry }) => ({
              ...entry,
              completed: completedAtMs === null ? null : new Date(completedAtMs).toISOString(),
            }));
  }
  if (sections.has('tickets')) {
    data.tickets = shownTickets(status).map(({ id, granted, standby, lastGranted }) => ({
      id,
      granted,
      standby,
      lastGranted: lastGranted > -1 ? isoTime(lastGranted) : null,
    }));
  }
  if (sections.has('bans')) {
    data.bans = shownBans(locations, view).map(({ location, node, score }) => ({
      id: location.id,
      resource: location.resource.id,
      node: node.name,
      score,
      role: location.role === Role.Unknown ? null : roleName(location.role),
    }));
  }
  return data;
}

/** One document, ended by a newline; `errors` only where there are some. */
export function writeJson(report: Report | undefined, errors: readonly string[]): string {
  const data = report ? reportData(report) : { version: JSON_VERSION };
  return `${JSON.stringify(errors.length > 0 ? { ...data, errors } : data, null, 2)}\n`;
}
