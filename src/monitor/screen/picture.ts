import type { ClusterEvent, ClusterState } from '../../protocol/messages.js';
import type { ClusterStatus } from '../../status/types.js';
import { unpackStatus } from '../../status/unpack.js';
import type { Observation } from '../feed.js';
import type { FencingHistory } from '../fencing.js';
import { activityPanel } from '../panels/activity.js';
import { eventsPanel, fromCluster, seenChanges, type TimelineEvent } from '../panels/events.js';
import { nodesPanel } from '../panels/nodes.js';
import { type ResourceOrder, resourcesPanel } from '../panels/resources.js';
import { type PanelContent, type Row, sameRow, type Tone } from '../panels/table.js';
import { troublePanel } from '../panels/trouble.js';
import { summarize } from '../summary.js';

export const PANELS = ['nodes', 'trouble', 'resources', 'activity', 'events'] as const;
export type PanelName = (typeof PANELS)[number];

/** How lists are ordered; part of what a picture shows. */
export interface Order extends ResourceOrder {
  readonly nodesByState: boolean;
}

/** Everything the screen shows of one moment, as plain data. */
export interface Picture {
  readonly atMs: number;
  /** One line: stack, DC, quorum, what is wrong with the whole. */
  readonly heading: readonly { readonly text: string; readonly tone: Tone }[];
  readonly panels: Readonly<Record<PanelName, PanelContent>>;
  /** For details; undefined in pictures that are kept only to look back. */
  readonly status: ClusterStatus | undefined;
  readonly timeline: readonly TimelineEvent[];
  /** Undefined where there is no fencer to ask. */
  readonly fencing: FencingHistory | undefined;
}

/** How many pictures one can step back. */
const PAST_MAX = 120;
const TIMELINE_MAX = 500;

function headingOf(status: ClusterStatus, state: ClusterState | undefined): Picture['heading'] {
  const summary = summarize(status);
  const name = state?.clusterName || status.options.all.get('cluster-name');
  const heading: { text: string; tone: Tone }[] = [{ text: name || summary.stack, tone: 'strong' }];
  const dc = state?.dc ?? status.dc?.name;
  heading.push(dc ? { text: `DC ${dc}`, tone: 'plain' } : { text: 'no DC', tone: 'bad' });
  const votes = state ? ` ${state.votes.total}/${state.votes.expected} votes` : '';
  const quorate = state?.quorate ?? status.quorate;
  heading.push(
    quorate ? { text: `quorum${votes}`, tone: 'good' } : { text: `NO QUORUM${votes}`, tone: 'bad' },
  );
  if (status.options.maintenanceMode) heading.push({ text: 'MAINTENANCE MODE', tone: 'warning' });
  if (status.options.stopAllResources) heading.push({ text: 'ALL RESOURCES STOPPED', tone: 'warning' });
  if (!status.options.stonithEnabled) heading.push({ text: 'no fencing', tone: 'warning' });
  if (summary.mixedVersion) heading.push({ text: 'mixed versions', tone: 'warning' });
  return heading;
}

/** Rows that have not changed keep their identity, so that who draws or keeps them sees it at once. */
function keepRows(before: PanelContent | undefined, after: PanelContent): PanelContent {
  if (!before) return after;
  const old = new Map(before.rows.map((row) => [row.key, row]));
  let same =
    before.rows.length === after.rows.length &&
    before.title === after.title &&
    before.columns.length === after.columns.length;
  const rows = after.rows.map((row, index): Row => {
    const kept = old.get(row.key);
    const result = kept && sameRow(kept, row) ? kept : row;
    if (result !== before.rows[index]) same = false;
    return result;
  });
  return same && before.empty === after.empty ? before : { ...after, rows };
}

/** Makes pictures of observations and remembers the last ones. */
export class Album {
  #status: ClusterStatus | undefined;
  #observation: Observation | undefined;
  #timeline: TimelineEvent[] = [];
  #past: Picture[] = [];
  #latest: Picture | undefined;

  get latest(): Picture | undefined {
    return this.#latest;
  }

  /** Pictures before the latest that can be looked at. */
  get pastCount(): number {
    return this.#past.length;
  }

  /** The picture `steps` before the latest; the oldest there is where fewer are kept. */
  back(steps: number): Picture | undefined {
    if (steps <= 0) return this.#latest;
    return this.#past.at(-Math.min(steps, this.#past.length)) ?? this.#latest;
  }

  observe(observation: Observation, order: Order, nowMs: number): Picture {
    const before = this.#status;
    this.#status = unpackStatus(observation.cib, { nowMs });
    this.#observation = observation;
    if (observation.events.length > 0)
      this.#timeline = observation.events.map((event: ClusterEvent) => fromCluster(event));
    else if (before) {
      this.#timeline = [...this.#timeline, ...seenChanges(before, this.#status, observation.atMs)];
    }
    this.#timeline = this.#timeline.slice(-TIMELINE_MAX);
    if (this.#latest) {
      this.#past.push({ ...this.#latest, status: undefined });
      if (this.#past.length > PAST_MAX) this.#past.shift();
    }
    return this.arrange(order, nowMs)!;
  }

  /** The latest observation again, in another order or only later. */
  arrange(order: Order, nowMs: number): Picture | undefined {
    const status = this.#status;
    const observation = this.#observation;
    if (!status || !observation) return undefined;
    const { state, fencing, loads, atMs } = observation;
    const before = this.#latest?.panels;
    const panels = {
      nodes: nodesPanel(status, state, order.nodesByState, loads),
      trouble: troublePanel(status, fencing, nowMs),
      resources: resourcesPanel(status, order),
      activity: activityPanel(status, state, nowMs),
      events: eventsPanel(this.#timeline),
    };
    this.#latest = {
      atMs,
      heading: headingOf(status, state),
      panels: {
        nodes: keepRows(before?.nodes, panels.nodes),
        trouble: keepRows(before?.trouble, panels.trouble),
        resources: keepRows(before?.resources, panels.resources),
        activity: keepRows(before?.activity, panels.activity),
        events: keepRows(before?.events, panels.events),
      },
      status,
      timeline: this.#timeline,
      fencing: fencing ? { entries: fencing } : undefined,
    };
    return this.#latest;
  }
}
