import type { GraphAction } from '../scheduler/graph.js';

/** How busy a machine is, as its own agent has measured it. */
export interface MachineLoad {
  /** Threads that run or wait for a processor, for each processor; smoothed over some seconds. */
  readonly perProcessor: number;
  readonly processors: number;
}

/** The cluster options that bound what runs at once on a node, as they are set. */
export interface ThrottleOptions {
  readonly nodeActionLimit: string | undefined;
  readonly loadThreshold: string | undefined;
}

const LOAD_THRESHOLD_DEFAULT_PERCENT = 80;

/**
 * How many actions a node may have under way (docs/load.md).
 *
 * `node-action-limit` where it is set; else there is no limit here while the machine has processors to spare, since its
 * executor begins only twice as many at once as it has processors. Above `load-threshold` the limit falls as the load
 * rises, down to one for each processor and no further: work that waits for processors is done no sooner by more of it at
 * once, and a machine that others keep busy for hours must still recover its services. Pacemaker 2.1.5 goes by the load
 * average of a minute, and down to a single action (throttle_get_job_limit).
 *
 * @param load absent where it is not known, and on a machine that has nothing to do
 */
export function actionLimit(load: MachineLoad | undefined, options: ThrottleOptions): number {
  const set = Number.parseInt(options.nodeActionLimit ?? '', 10);
  const configured = set > 0 ? set : Number.POSITIVE_INFINITY;
  if (!load) return configured;
  const percent = Number.parseFloat(options.loadThreshold ?? '');
  const threshold = (Number.isNaN(percent) ? LOAD_THRESHOLD_DEFAULT_PERCENT : percent) / 100;
  if (threshold <= 0 || load.perProcessor <= threshold) return configured;
  const most = Math.min(configured, 2 * load.processors);
  const least = Math.min(most, load.processors);
  return Math.max(least, Math.floor((most * threshold) / load.perProcessor));
}

/** No machine counts as slower than this: a service is not to stay down for long because some other job has gone wild. */
const SLOWNESS_MAX = 4;

/** How many times as long as an idle machine this one may take for a short piece of work: 1 to 4. */
export function slownessOf(load: MachineLoad | undefined): number {
  return Math.min(SLOWNESS_MAX, Math.max(1, load?.perProcessor ?? 1));
}

/** What counts of the actions under way on a node. */
interface UnderWay {
  readonly limit: number;
  actions: number;
  migrations: number;
}

/**
 * Which actions may begin, by what each node may have under way at once. To be made for each round of starting, from what
 * is under way then.
 */
export class Throttle {
  readonly #limitOf: (node: string) => number;
  readonly #migrationLimit: number;
  readonly #nodes = new Map<string, UnderWay>();

  /**
   * @param limitOf most actions at once on a node
   * @param migrationLimit `migration-limit`: most live migrations at once from or to a node; 0 and less: no limit
   * @param inFlight what is under way
   */
  constructor(limitOf: (node: string) => number, migrationLimit: number, inFlight: readonly GraphAction[]) {
    this.#limitOf = limitOf;
    this.#migrationLimit = migrationLimit > 0 ? migrationLimit : Number.POSITIVE_INFINITY;
    for (const action of inFlight) this.#count(action);
  }

  /** Whether these may begin, together, beside those that have; if so they count. */
  admit(actions: readonly GraphAction[]): boolean {
    if (!actions.every((action) => this.#allows(action))) return false;
    for (const action of actions) this.#count(action);
    return true;
  }

  /** Whether nothing more may begin there. */
  isFull(node: string): boolean {
    const { limit, actions } = this.#of(node);
    return actions >= limit;
  }

  #allows(action: GraphAction): boolean {
    return placesOf(action).every((node) => {
      const { limit, actions, migrations } = this.#of(node);
      if (isMigration(action) && migrations >= this.#migrationLimit) return false;
      return actions < limit;
    });
  }

  #count(action: GraphAction): void {
    for (const node of placesOf(action)) {
      const underWay = this.#of(node);
      underWay.actions++;
      if (isMigration(action)) underWay.migrations++;
    }
  }

  #of(node: string): UnderWay {
    let underWay = this.#nodes.get(node);
    if (!underWay) {
      underWay = { limit: this.#limitOf(node), actions: 0, migrations: 0 };
      this.#nodes.set(node, underWay);
    }
    return underWay;
  }
}

function isMigration({ operation }: GraphAction): boolean {
  return operation === 'migrate_to' || operation === 'migrate_from';
}

/** The only node whose limit decides about these; null where there are several or none, or other limits. */
export function placeOf(actions: readonly GraphAction[]): string | null {
  const [action] = actions;
  if (!action || actions.length > 1 || isMigration(action)) return null;
  return placesOf(action)[0] ?? null;
}

/**
 * The nodes whose limit an action counts against: for what runs on a guest or remote node the one that acts for it, both
 * ends of a live migration; none for what is the cluster's own (te_update_job_count of Pacemaker's controller).
 */
function placesOf(action: GraphAction): string[] {
  const { kind, routerNode, onNode, attributes } = action;
  if (kind !== 'rsc_op' || onNode === undefined) return [];
  if (routerNode !== undefined) return [routerNode];
  if (!isMigration(action)) return [onNode];
  const { CRM_meta_migrate_source: source, CRM_meta_migrate_target: target } = attributes;
  return source !== undefined && target !== undefined ? [source, target] : [onNode];
}
