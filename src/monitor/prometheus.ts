import { INFINITY } from '../cib/score.js';
import type { ClusterState } from '../protocol/messages.js';
import { type Resource, Role, roleName } from '../status/types.js';
import { shownAttributes } from './attributes.js';
import { nodeHistories } from './history.js';
import { featureSet } from './node-text.js';
import type { Report } from './report.js';
import { agentName, shownRole } from './resource-text.js';
import { summarize } from './summary.js';
import { shownTickets } from './tickets.js';
import { nodeMatches, replicaParts } from './view.js';

type Labels = Readonly<Record<string, string>>;

interface Metric {
  readonly name: string;
  readonly help: string;
  readonly type: 'gauge' | 'counter';
  readonly samples: readonly (readonly [Labels, number])[];
}

function escapeLabel(value: string): string {
  return value.replace(/[\\"\n]/g, (character) => (character === '\n' ? '\\n' : `\\${character}`));
}

function line(name: string, labels: Labels, value: number): string {
  const pairs = Object.entries(labels).map(([key, text]) => `${key}="${escapeLabel(text)}"`);
  const number = Number.isFinite(value) ? String(value) : value > 0 ? '+Inf' : '-Inf';
  return `${name}${pairs.length > 0 ? `{${pairs.join(',')}}` : ''} ${number}\n`;
}

/** Prometheus' text exposition format, version 0.0.4. */
export function writeMetrics(metrics: readonly Metric[]): string {
  return metrics
    .filter((metric) => metric.samples.length > 0)
    .map(
      ({ name, help, type, samples }) =>
        `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n` +
        samples.map(([labels, value]) => line(name, labels, value)).join(''),
    )
    .join('');
}

const bit = (condition: boolean) => (condition ? 1 : 0);

/** Scores have an infinity of their own. */
function withoutBound(score: number): number {
  return Math.abs(score) >= INFINITY ? Math.sign(score) * Number.POSITIVE_INFINITY : score;
}

/** Every primitive below, with the group and clone it is in. */
function* primitives(
  resource: Resource,
  inside: { group: string; clone: string } = { group: '', clone: '' },
): Generator<{ resource: Resource; group: string; clone: string }> {
  switch (resource.kind) {
    case 'primitive':
      yield { resource, ...inside };
      return;
    case 'group':
      for (const child of resource.children) yield* primitives(child, { ...inside, group: resource.id });
      return;
    case 'clone':
      for (const child of resource.children) yield* primitives(child, { ...inside, clone: resource.id });
      return;
    case 'bundle':
      for (const replica of resource.bundle!.replicas) {
        for (const part of replicaParts(replica)) yield* primitives(part, { ...inside, clone: resource.id });
      }
  }
}

/**
 * The report as metrics, named as by ha_cluster_exporter where that has the same thing, so that its dashboards and
 * alerts keep working. `state` adds what only the membership knows.
 */
export function reportMetrics(report: Report, state: ClusterState | undefined): Metric[] {
  const { status, view, locations } = report;
  const metrics: Metric[] = [];
  const gauge = (name: string, help: string, samples: Metric['samples']) =>
    metrics.push({ name, help, type: 'gauge', samples });

  const nodes = status.nodes.filter((node) => nodeMatches(view, node.name));
  gauge(
    'ha_cluster_pacemaker_nodes',
    'The status of each node in the cluster; 1 means the node is in that status, 0 otherwise',
    nodes.flatMap((node) =>
      Object.entries({
        online: node.online,
        standby: node.standby,
        standby_onfail: node.standbyOnFail,
        maintenance: node.maintenance,
        pending: node.pending,
        unclean: node.unclean,
        shutdown: node.shutdown,
        expected_up: node.expectedUp,
        dc: node.isDc,
      }).map(([name, value]) => [{ node: node.name, type: node.type, status: name }, bit(value)] as const),
    ),
  );
  gauge(
    'ha_cluster_pacemaker_node_attributes',
    'Metadata attributes of each node; value is always 1',
    nodes.flatMap((node) =>
      shownAttributes(node, () => undefined).map(
        ({ name, value }) => [{ node: node.name, name, value }, 1] as const,
      ),
    ),
  );

  const resources: (readonly [Labels, number])[] = [];
  for (const top of status.resources) {
    for (const { resource, group, clone } of primitives(top)) {
      const places = resource.runningOn.length > 0 ? resource.runningOn.map((node) => node.name) : [''];
      for (const node of places) {
        const labels = {
          node,
          resource: resource.printableId,
          role: roleName(shownRole(resource)).toLowerCase(),
          managed: String(resource.managed),
          group,
          clone,
          agent: agentName(resource),
        };
        for (const [name, value] of Object.entries({
          active: resource.runningOn.length > 0,
          orphaned: resource.orphan,
          blocked: resource.blocked,
          failed: resource.failed,
          failure_ignored: resource.failureIgnored,
        })) {
          resources.push([{ ...labels, status: name }, bit(value)]);
        }
      }
    }
  }
  gauge(
    'ha_cluster_pacemaker_resources',
    'The status of each resource in the cluster; 1 means the resource is in that status, 0 otherwise',
    resources,
  );

  const histories = nodeHistories(status, { ...view, sections: new Set(['operations', 'failcounts']) });
  const perResource = (value: (history: (typeof histories)[number]['resources'][number]) => number) =>
    histories.flatMap(({ node, resources: of }) =>
      of.map((history) => [{ node: node.name, resource: history.id }, value(history)] as const),
    );
  gauge(
    'ha_cluster_pacemaker_fail_count',
    'The fail count per node and resource id',
    perResource((history) => withoutBound(history.failCount)),
  );
  gauge(
    'ha_cluster_pacemaker_migration_threshold',
    'The migration_threshold number per node and resource id',
    perResource((history) => history.resource.migrationThreshold),
  );
  gauge(
    'ha_cluster_pacemaker_location_constraints',
    'Resource location constraints; the value is the score',
    locations.flatMap((location) =>
      location.nodes.map(
        ({ node, score }) =>
          [
            {
              constraint: location.id,
              node: node.name,
              resource: location.resource.id,
              role: location.role === Role.Unknown ? '' : roleName(location.role).toLowerCase(),
            },
            withoutBound(score),
          ] as const,
      ),
    ),
  );
  gauge('ha_cluster_pacemaker_stonith_enabled', 'Whether or not stonith is enabled', [
    [{}, bit(status.options.stonithEnabled)],
  ]);
  const written = Date.parse(summarize(status).lastWritten ?? '');
  if (!Number.isNaN(written)) {
    gauge(
      'ha_cluster_pacemaker_config_last_change',
      'The timestamp of the last change of the cluster configuration',
      [[{}, written / 1000]],
    );
  }

  gauge('quorate_maintenance_mode', 'Whether the whole cluster is in maintenance mode', [
    [{}, bit(status.options.maintenanceMode)],
  ]);
  gauge('quorate_resource_instances', 'Resource instances by what keeps them from running', [
    [{ state: 'configured' }, status.instanceCount],
    [{ state: 'disabled' }, status.disabledCount],
    [{ state: 'blocked' }, status.blockedCount],
  ]);
  gauge('quorate_failures', 'Failed resource operations that have not been cleaned up', [
    [{}, status.failures.length],
  ]);
  gauge(
    'quorate_tickets',
    'Whether each ticket is granted',
    shownTickets(status).map((ticket) => [{ ticket: ticket.id }, bit(ticket.granted)] as const),
  );
  gauge(
    'quorate_node_feature_set',
    'The feature set that each online node announces; value is always 1',
    nodes.flatMap((node) => {
      const set = featureSet(node);
      return set === undefined ? [] : [[{ node: node.name, feature_set: set }, 1] as const];
    }),
  );
  gauge('ha_cluster_scrape_success', 'Whether what is behind a group of metrics was there', [
    [{ collector: 'pacemaker' }, 1],
    [{ collector: 'corosync' }, bit(state !== undefined)],
  ]);
  if (state) metrics.push(...membershipMetrics(state));
  else {
    gauge('ha_cluster_corosync_quorate', 'Whether or not the cluster is quorate', [
      [{}, bit(status.quorate)],
    ]);
  }
  return metrics;
}

function membershipMetrics(state: ClusterState): Metric[] {
  const metrics: Metric[] = [];
  const gauge = (name: string, help: string, samples: Metric['samples']) =>
    metrics.push({ name, help, type: 'gauge', samples });
  gauge('ha_cluster_corosync_quorate', 'Whether or not the cluster is quorate', [[{}, bit(state.quorate)]]);
  gauge('ha_cluster_corosync_quorum_votes', 'Cluster quorum votes; one line per type', [
    [{ type: 'expected_votes' }, state.votes.expected],
    [{ type: 'highest_expected' }, state.votes.expected],
    [{ type: 'total_votes' }, state.votes.total],
    [{ type: 'quorum' }, state.votes.quorum],
  ]);
  gauge(
    'ha_cluster_corosync_member_votes',
    'How many votes each member node has contributed with to the current quorum',
    state.members.map((member) => [
      {
        node: member.name,
        node_id: String(member.nodeId),
        local: String(member.name === state.localNode),
      },
      member.votes,
    ]),
  );
  gauge(
    'ha_cluster_corosync_rings',
    'The status of each ring; 1 means healthy, 0 means faulty',
    state.members.flatMap((member) =>
      member.linkLatencyMs.map(
        (latency, ring) =>
          [
            {
              ring_id: String(ring),
              node_id: String(member.nodeId),
              number: String(ring),
              address: member.addresses[ring] ?? '',
            },
            bit(latency !== null),
          ] as const,
      ),
    ),
  );
  gauge('ha_cluster_corosync_ring_errors', 'The total number of faulty corosync rings', [
    [
      {},
      state.members.flatMap((member) => member.linkLatencyMs).filter((latency) => latency === null).length,
    ],
  ]);
  gauge(
    'quorate_link_latency_seconds',
    'Round trip of heartbeats to each member and link',
    state.members.flatMap((member) =>
      member.linkLatencyMs.flatMap((latency, link) =>
        latency === null ? [] : [[{ node: member.name, link: String(link) }, latency / 1000] as const],
      ),
    ),
  );
  gauge('quorate_view', 'Number of the membership view', [[{}, state.viewId]]);
  if (state.transition) {
    const { total, completed, failed } = state.transition;
    gauge('quorate_transition_actions', 'Actions of the running transition', [
      [{ state: 'total' }, total],
      [{ state: 'completed' }, completed],
      [{ state: 'failed' }, failed],
    ]);
  }
  return metrics;
}
