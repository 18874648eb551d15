import type { Element } from '../cib/element.js';
import { rulesHold } from '../cib/rule.js';
import { surroundings } from '../status/nvpairs.js';
import { unpackColocation } from './colocation-constraints.js';
import { unpackLocation } from './location-constraints.js';
import { unpackOrder } from './order-constraints.js';
import type { Planner } from './planner.js';
import { unpackTicket } from './tickets.js';

const UNPACK: Readonly<Record<string, (planner: Planner, xml: Element) => void>> = {
  rsc_location: unpackLocation,
  rsc_colocation: unpackColocation,
  rsc_order: unpackOrder,
  rsc_ticket: unpackTicket,
};

/** Reads all constraints, in their order. */
export function unpackConstraints(planner: Planner): void {
  const { status } = planner;
  for (const xml of status.cib.at('configuration', 'constraints')?.elements() ?? []) {
    if (xml.get('id') === undefined) {
      planner.error(`Ignoring <${xml.name}> constraint without id`);
      continue;
    }
    const lifetime = xml.first('lifetime');
    if (lifetime) {
      planner.warn(
        `Support for 'lifetime' attribute (in ${xml.id}) is deprecated (the rules it contains should instead be direct descendents of the constraint object)`,
      );
    }
    if (lifetime && !rulesHold(lifetime, surroundings(status))) continue;
    const unpack = UNPACK[xml.name];
    if (unpack) unpack(planner, xml);
    else planner.error(`Unsupported constraint type: ${xml.name}`);
  }
}
