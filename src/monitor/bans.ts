import type { Location } from '../scheduler/planner.js';
import { type ClusterNode, Role, topmost } from '../status/types.js';
import { displayName } from './node-text.js';
import { type Block, item, section } from './outline.js';
import { matches, type View } from './view.js';

export interface Ban {
  readonly location: Location;
  readonly node: ClusterNode;
  readonly score: number;
}

/** Where location constraints keep resources away; the constraint unpacked last comes first. */
export function shownBans(locations: readonly Location[], view: View): Ban[] {
  const bans: Ban[] = [];
  for (const location of locations.toReversed()) {
    if (view.banPrefix !== undefined && !location.id.startsWith(view.banPrefix)) continue;
    const { resource } = location;
    if (
      !matches(view.resources, resource.printableId) &&
      !matches(view.resources, topmost(resource).printableId)
    ) {
      continue;
    }
    for (const { node, score } of location.nodes) if (score < 0) bans.push({ location, node, score });
  }
  return bans;
}

export function banBlock(locations: readonly Location[], view: View): Block | undefined {
  return section(
    'Negative Location Constraints',
    shownBans(locations, view).map(({ location, node }) => {
      const role = location.role === Role.Promoted ? 'in Promoted role ' : '';
      return item(
        `${location.id}\tprevents ${location.resource.id} from running ${role}on ` +
          `${displayName(node, view.detail)}`,
      );
    }),
  );
}
