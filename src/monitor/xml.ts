import { Element } from '../cib/element.js';
import { writeXml } from '../cib/xml.js';
import type { FencingHistoryEntry } from '../protocol/messages.js';
import type { Location } from '../scheduler/planner.js';
import { isActive } from '../status/queries.js';
import type { ClusterNode, ClusterStatus, Resource } from '../status/types.js';
import { Role } from '../status/types.js';
import { attributesByNode, type ParameterOf } from './attributes.js';
import { shownBans } from './bans.js';
import { shownFailures } from './failures.js';
import type { FencingHistory } from './fencing.js';
import { nodeHistories, type ResourceHistory } from './history.js';
import { featureSet, nodeHealth } from './node-text.js';
import { configuredRole, isDisabled, pendingOperation, shownState, skipsMember } from './resource-text.js';
import { FENCING_SECTIONS } from './sections.js';
import { summarize } from './summary.js';
import { calendarTime, executionText, exitText, scanNumber, zonedTime } from './terms.js';
import { shownTickets } from './tickets.js';
import {
  isAskedFor,
  isElsewhere,
  isFiltered,
  matches,
  nodeMatches,
  replicaParts,
  runsOnAny,
  type View,
} from './view.js';

/** The version of Pacemaker's output schema that this XML follows. */
export const API_VERSION = '2.25';

type Attributes = Readonly<Record<string, string | number | boolean | undefined>>;

/** An element whose undefined attributes are left out. */
export function element(
  name: string,
  attributes: Attributes = {},
  children: readonly Element[] = [],
): Element {
  const given = Object.entries(attributes).flatMap(([key, value]) =>
    value === undefined ? [] : [[key, String(value)] as const],
  );
  return new Element(name, given, [...children]);
}

function resourceElement(resource: Resource, view: View): Element | undefined {
  if (isFiltered(resource, view.resources, true)) return undefined;
  const provider = resource.xml.get('provider');
  return element(
    'resource',
    {
      id: resource.printableId,
      resource_agent: `${resource.xml.get('class')}${provider === undefined ? '' : `:${provider}`}:${resource.xml.get('type')}`,
      role: shownState(resource, view.pending),
      target_role: resource.meta.get('target-role'),
      active: isActive(resource, true),
      orphaned: resource.orphan,
      blocked: resource.blocked,
      managed: resource.managed,
      failed: resource.failed,
      failure_ignored: resource.failureIgnored,
      nodes_running_on: resource.runningOn.length,
      pending: view.pending ? pendingOperation(resource) : undefined,
      locked_to: resource.lockNode?.name,
    },
    resource.runningOn.map((node) => element('node', { name: node.name, id: node.id, cached: node.online })),
  );
}

function groupElement(group: Resource, view: View): Element | undefined {
  if (isFiltered(group, view.resources, true)) return undefined;
  const members = group.children.filter((child) => !skipsMember(group, child, view));
  if (members.length === 0) return undefined;
  return element(
    'group',
    {
      id: group.id,
      number_resources: group.children.length,
      managed: group.managed,
      disabled: isDisabled(group),
    },
    anyElements(members, view),
  );
}

function cloneElement(clone: Resource, view: View): Element | undefined {
  if (isFiltered(clone, view.resources, true)) return undefined;
  const whole = isAskedFor(clone, view.resources);
  const instances = clone.children.filter(
    (instance) => !isElsewhere(instance, view) && !isFiltered(instance, view.resources, whole),
  );
  if (instances.length === 0) return undefined;
  return element(
    'clone',
    {
      id: clone.id,
      multi_state: clone.promotable,
      unique: clone.unique,
      managed: clone.managed,
      disabled: isDisabled(clone),
      failed: clone.failed,
      failure_ignored: clone.failureIgnored,
      target_role: configuredRole(clone),
    },
    anyElements(instances, { ...view, resources: '*' }),
  );
}

function bundleElement(bundle: Resource, view: View): Element | undefined {
  if (isFiltered(bundle, view.resources, true)) return undefined;
  const settings = bundle.bundle!;
  const whole = matches(view.resources, bundle.id);
  const replicas: Element[] = [];
  for (const replica of settings.replicas) {
    if (isElsewhere(replica.container, view)) continue;
    const parts = replicaParts(replica).filter((part) => !isFiltered(part, view.resources, whole));
    if (!whole && parts.length === 0) continue;
    replicas.push(element('replica', { id: replica.offset }, anyElements(parts, view)));
  }
  if (replicas.length === 0) return undefined;
  return element(
    'bundle',
    {
      id: bundle.id,
      type: settings.agent,
      image: settings.image,
      unique: bundle.unique,
      managed: bundle.managed,
      failed: bundle.failed,
    },
    replicas,
  );
}

/** A resource with all that belongs to it; undefined where the view shows nothing of it. */
export function resourceTree(resource: Resource, view: View): Element | undefined {
  switch (resource.kind) {
    case 'primitive':
      return resourceElement(resource, view);
    case 'group':
      return groupElement(resource, view);
    case 'clone':
      return cloneElement(resource, view);
    case 'bundle':
      return bundleElement(resource, view);
  }
}

function anyElements(resources: readonly Resource[], view: View): Element[] {
  return resources.flatMap((resource) => resourceTree(resource, view) ?? []);
}

function nodeElement(status: ClusterStatus, node: ClusterNode, view: View): Element {
  return element(
    'node',
    {
      name: node.name,
      id: node.id,
      online: node.online,
      standby: node.standby,
      standby_onfail: node.standbyOnFail,
      maintenance: node.maintenance,
      pending: node.pending,
      unclean: node.unclean,
      health: nodeHealth(status, node),
      feature_set: featureSet(node),
      shutdown: node.shutdown,
      expected_up: node.expectedUp,
      is_dc: node.isDc,
      resources_running: node.running.length,
      type: node.type,
      id_as_resource: node.isGuest ? node.remoteResource!.container!.id : undefined,
    },
    view.byNode ? anyElements(node.running, view) : [],
  );
}

function summaryElement(status: ClusterStatus, view: View): Element | undefined {
  const { sections } = view;
  const summary = summarize(status);
  const { options } = status;
  const children: Element[] = [];
  if (sections.has('stack')) children.push(element('stack', { type: summary.stack }));
  if (sections.has('dc') || !status.dc) {
    children.push(
      status.dc
        ? element('current_dc', {
            present: true,
            version: summary.dcVersion ?? '',
            name: status.dc.name,
            id: status.dc.id,
            with_quorum: summary.quorate,
            mixed_version: summary.mixedVersion,
          })
        : element('current_dc', { present: false }),
    );
  }
  if (sections.has('times')) {
    children.push(
      element('last_update', { time: calendarTime(status.nowMs) }),
      element('last_change', {
        time: summary.lastWritten ?? '',
        user: summary.lastUser ?? '',
        client: summary.lastClient ?? '',
        origin: summary.lastOrigin ?? '',
      }),
    );
  }
  if (sections.has('counts')) {
    children.push(
      element('nodes_configured', { number: status.nodes.length }),
      element('resources_configured', {
        number: status.instanceCount,
        disabled: status.disabledCount,
        blocked: status.blockedCount,
      }),
    );
  }
  if (sections.has('options')) {
    children.push(
      element('cluster_options', {
        'stonith-enabled': options.stonithEnabled,
        'symmetric-cluster': options.symmetricCluster,
        'no-quorum-policy': options.noQuorumPolicy,
        'maintenance-mode': options.maintenanceMode,
        'stop-all-resources': options.stopAllResources,
        'stonith-timeout-ms': options.stonithTimeoutMs,
        'priority-fencing-delay-ms': options.priorityFencingDelaySec * 1000,
      }),
    );
  }
  return children.length > 0 ? element('summary', {}, children) : undefined;
}

export function resourcesElement(status: ClusterStatus, view: View): Element | undefined {
  if (view.byNode && !view.inactive) return undefined;
  const children: Element[] = [];
  let any = false;
  for (const resource of status.resources) {
    const active = isActive(resource, true);
    const partlyActive = isActive(resource, false);
    if (resource.orphan && !active) continue;
    if (view.byNode) {
      if (active) continue;
    } else if (!partlyActive && !view.inactive) continue;
    else if (partlyActive && !runsOnAny(resource, view)) continue;
    any = true;
    children.push(...anyElements([resource], view));
  }
  return any ? element('resources', {}, children) : undefined;
}

function historyElement(history: ResourceHistory, view: View): Element {
  const withOperations = view.sections.has('operations');
  return element(
    'resource_history',
    {
      id: history.id,
      orphan: false,
      'migration-threshold': history.resource.migrationThreshold,
      'fail-count': history.failCount > 0 ? history.failCount : undefined,
      'last-failure': history.lastFailure > 0 ? calendarTime(history.lastFailure * 1000) : undefined,
    },
    withOperations
      ? history.operations.map((operation) => {
          const { xml } = operation;
          const changed = scanNumber(xml.get('last-rc-change'), 0);
          const time = (name: string) => {
            const value = view.timing ? xml.get(name) : undefined;
            return value === undefined ? undefined : `${value}ms`;
          };
          return element('operation_history', {
            call: operation.call,
            task: operation.task,
            rc: operation.code,
            rc_text: exitText(operation.code),
            interval: operation.interval === undefined ? undefined : `${operation.interval}ms`,
            'last-rc-change': view.timing && changed > 0 ? calendarTime(changed * 1000) : undefined,
            'exec-time': time('exec-time'),
            'queue-time': time('queue-time'),
          });
        })
      : [],
  );
}

/** Pacemaker writes exit reasons escaped twice; scripts that read them undo it. */
function escapeReason(text: string): string {
  return text.replace(/[<>"'&\t\n\r]/g, (character) => {
    switch (character) {
      case '<':
        return '&lt;';
      case '>':
        return '&gt;';
      case '"':
        return '&quot;';
      case "'":
        return '&apos;';
      case '&':
        return '&amp;';
      case '\t':
        return '    ';
      case '\n':
        return '\\n';
      default:
        return '\\r';
    }
  });
}

function failureElements(status: ClusterStatus, view: View): Element[] {
  return shownFailures(status, view).map((failure) => {
    const { xml } = failure;
    const changed = failure.lastChange !== undefined && failure.lastChange > 0;
    return element('failure', {
      ...(failure.key === undefined ? { id: xml.id } : { op_key: failure.key }),
      node: failure.nodeName,
      exitstatus: exitText(failure.code),
      exitreason: escapeReason(failure.exitReason ?? 'none'),
      exitcode: failure.code,
      call: xml.get('call-id'),
      status: executionText(failure.execution),
      ...(changed
        ? {
            'last-rc-change': zonedTime(failure.lastChange * 1000),
            queued: xml.get('queue-time'),
            exec: xml.get('exec-time'),
            interval: scanNumber(xml.get('interval'), 0),
            task: xml.get('operation'),
          }
        : {}),
    });
  });
}

/** One fencing, as Pacemaker's tools say it in XML. */
export function fenceEventElement(entry: FencingHistoryEntry): Element {
  return element('fence_event', {
    action: entry.action,
    target: entry.target,
    client: entry.client,
    origin: entry.origin,
    status: entry.state,
    'exit-reason': entry.state === 'failed' ? (entry.reason ?? undefined) : undefined,
    'extended-status': entry.state === 'pending' ? 0 : undefined,
    delegate: entry.delegate ?? undefined,
    completed: entry.state === 'pending' ? undefined : zonedTime(entry.completedAtMs ?? 0),
  });
}

function fencingElement(history: FencingHistory, view: View): Element | undefined {
  if (!FENCING_SECTIONS.some((name) => view.sections.has(name))) return undefined;
  if ('unavailable' in history) return element('fence_history', { status: 102 });
  const events = history.entries.filter((entry) => nodeMatches(view, entry.target));
  if (events.length === 0) return undefined;
  return element('fence_history', {}, events.map(fenceEventElement));
}

/** The sections of a status as Pacemaker's XML, in its order. */
export function statusElements(
  status: ClusterStatus,
  view: View,
  more: {
    readonly fencing: FencingHistory | undefined;
    readonly locations: readonly Location[];
    readonly parameterOf: ParameterOf;
  },
): Element[] {
  const { sections } = view;
  const found: (Element | undefined)[] = [summaryElement(status, view)];
  if (sections.has('nodes')) {
    const nodes = status.nodes.filter((node) => nodeMatches(view, node.name));
    found.push(
      element(
        'nodes',
        {},
        nodes.map((node) => nodeElement(status, node, view)),
      ),
    );
  }
  if (sections.has('resources')) found.push(resourcesElement(status, view));
  const filled = (name: string, children: readonly Element[]) =>
    children.length > 0 ? element(name, {}, children) : undefined;
  if (sections.has('attributes')) {
    found.push(
      filled(
        'node_attributes',
        attributesByNode(status, view, more.parameterOf).map(({ node, attributes }) =>
          element(
            'node',
            { name: node.name },
            attributes.map(({ name, value, expected }) => element('attribute', { name, value, expected })),
          ),
        ),
      ),
    );
  }
  if (sections.has('operations') || sections.has('failcounts')) {
    const histories = nodeHistories(status, view);
    if (histories.length > 0) {
      found.push(
        element(
          'node_history',
          {},
          histories
            .filter(({ resources }) => resources.length > 0)
            .map(({ node, resources }) =>
              element(
                'node',
                { name: node.name },
                resources.map((history) => historyElement(history, view)),
              ),
            ),
        ),
      );
    }
  }
  if (sections.has('failures')) found.push(filled('failures', failureElements(status, view)));
  if (more.fencing) found.push(fencingElement(more.fencing, view));
  if (sections.has('tickets')) {
    found.push(
      filled(
        'tickets',
        shownTickets(status).map((ticket) =>
          element('ticket', {
            id: ticket.id,
            status: ticket.granted ? 'granted' : 'revoked',
            standby: ticket.standby,
            'last-granted': ticket.lastGranted > -1 ? calendarTime(ticket.lastGranted * 1000) : undefined,
          }),
        ),
      ),
    );
  }
  if (sections.has('bans')) {
    found.push(
      filled(
        'bans',
        shownBans(more.locations, view).map(({ location, node, score }) => {
          const promoted = location.role === Role.Promoted;
          return element('ban', {
            id: location.id,
            resource: location.resource.id,
            node: node.name,
            weight: score,
            'promoted-only': promoted,
            master_only: promoted,
          });
        }),
      ),
    );
  }
  return found.filter((one) => one !== undefined);
}

/** How a tool ended, as XML says it. */
export interface XmlResult {
  /** The command line. */
  readonly request: string;
  readonly code: number;
  readonly message: string;
  readonly errors: readonly string[];
}

/** What `--version` says. */
export function versionElement(version: Readonly<Record<string, string>>): Element {
  return element('version', { ...version });
}

/** `<pacemaker-result>` around elements. */
export function writeResult(elements: readonly Element[], result: XmlResult): string {
  const status = element('status', { code: result.code, message: result.message });
  if (result.errors.length > 0) {
    const errors = result.errors.map((text) => new Element('error', {}, [{ kind: 'text', text }]));
    status.append(element('errors', {}, errors));
  }
  return inAscii(
    writeXml(
      element('pacemaker-result', { 'api-version': API_VERSION, request: result.request }, [
        ...elements,
        status,
      ]),
    ),
  );
}

/** The deprecated `<crm_mon>` of `--as-xml`. */
export function writeLegacy(elements: readonly Element[], version: string): string {
  return inAscii(writeXml(element('crm_mon', { version }, elements)));
}

/** Other characters by number: Pacemaker's XML names no encoding, so it can be read in any. */
function inAscii(xml: string): string {
  return xml.replace(
    /[^\0-\x7f]/gu,
    (character) => `&#x${character.codePointAt(0)!.toString(16).toUpperCase()};`,
  );
}
