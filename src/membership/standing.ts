import type { NodeId, PeerSummary, ViewId } from './types.js';
import { compareViewIds, sameViewId } from './view.js';

/** How a node stands to its view, as its heartbeats say. */
export type Standing = Pick<PeerSummary, 'view' | 'quorate' | 'intact'>;

export const NO_STANDING: Standing = { view: null, quorate: false };

/** Whether a node may act on this view, for all that it says. */
function actsIn(standing: Standing, view: ViewId): boolean {
  return standing.quorate && standing.intact === true && sameViewId(standing.view, view);
}

export function sameStanding(a: Standing, b: Standing): boolean {
  const sameView = a.view === b.view || sameViewId(a.view, b.view);
  return sameView && a.quorate === b.quorate && a.intact === b.intact;
}

/** Whether a node is in this view or a later one, and takes this one for over. */
export function hasGivenUp({ view: theirs, intact }: Standing, view: ViewId): boolean {
  const order = theirs ? compareViewIds(theirs, view) : -1;
  return order > 0 || (order === 0 && intact === false);
}

/**
 * The nodes that act together in a quorate view: what one of them decides another may carry out as long as it hears all
 * the others. So no group is worth parting them. A quorate view therefore only grows until one of its members is lost, and
 * then its rest is free.
 *
 * @param standings of the nodes
 * @param counts whether a node is to be counted: one that its fellows are about to lose acts no more
 * @returns one set for each quorate view, the newest first
 */
export function actingTogether(
  standings: ReadonlyMap<NodeId, Standing>,
  counts: (node: NodeId, fellows: readonly NodeId[]) => boolean,
): NodeId[][] {
  const views: { readonly id: ViewId; readonly fellows: NodeId[] }[] = [];
  for (const [node, { view }] of standings) {
    if (!view) continue;
    const known = views.find(({ id }) => sameViewId(id, view));
    if (known) known.fellows.push(node);
    else views.push({ id: view, fellows: [node] });
  }
  return views
    .sort((a, b) => compareViewIds(b.id, a.id))
    .map(({ id, fellows }) =>
      fellows.filter((node) => actsIn(standings.get(node)!, id) && counts(node, fellows)),
    )
    .filter((acting) => acting.length > 0);
}
