import type { Element } from '../cib/element.js';
import { INFINITY } from '../cib/score.js';
import { addScoreEverywhere } from '../status/scores.js';
import { parseRole, type Resource, Role, type Ticket } from '../status/types.js';
import { ensureTicket } from '../status/unpack.js';
import { fenceNode } from './actions.js';
import type { LossPolicy, Planner, TicketConstraint } from './planner.js';
import { expandTags, findConstrained, findInstance, resourcesInSets, warnOfInstance } from './references.js';

/** Reads an `rsc_ticket`. */
export function unpackTicket(planner: Planner, xml: Element): void {
  const name = xml.get('ticket');
  if (name === undefined) {
    planner.error(`Ignoring constraint '${xml.id}' without ticket`);
    return;
  }
  const ticket = ensureTicket(planner.status, name);
  const policy = xml.get('loss-policy');
  const expanded = expandTags(planner, xml, [{ names: 'rsc', detail: 'rsc-role', detailInSet: 'role' }]);
  if (!expanded) return;
  const sets = expanded.elements('resource_set');
  for (const { set, resource } of resourcesInSets(planner, sets)) {
    addTicket(planner, set.id, resource, ticket, set.get('role'), policy);
  }
  if (sets.length === 0) unpackSimple(planner, xml, ticket, policy);
}

function unpackSimple(planner: Planner, xml: Element, ticket: Ticket, policy: string | undefined): void {
  const id = xml.get('rsc');
  const instance = xml.get('rsc-instance');
  if (instance !== undefined) warnOfInstance(planner, 'rsc-instance');
  if (id === undefined) {
    planner.error(`Ignoring constraint '${xml.id}' without resource`);
    return;
  }
  const found = findConstrained(planner, id);
  const resource = found && instance !== undefined ? findInstance(found, instance) : found;
  if (!resource) {
    planner.error(`Ignoring constraint '${xml.id}' because resource '${id}' does not exist`);
    return;
  }
  addTicket(planner, xml.id, resource, ticket, xml.get('rsc-role'), policy);
}

function lossPolicy(planner: Planner, text: string | undefined, role: Role, ticket: Ticket): LossPolicy {
  const lower = text?.toLowerCase();
  switch (lower) {
    case 'fence':
      if (planner.status.options.stonithEnabled) return 'fence';
      planner.error(
        `Resetting 'loss-policy' for ticket '${ticket.id}' to 'stop' because fencing is not configured`,
      );
      return 'stop';
    case 'freeze':
    case 'demote':
    case 'stop':
      return lower;
    default:
      return role === Role.Promoted ? 'demote' : 'stop';
  }
}

function addTicket(
  planner: Planner,
  id: string,
  resource: Resource,
  ticket: Ticket,
  roleText: string | undefined,
  policy: string | undefined,
): void {
  const given = parseRole(roleText);
  const role = given === Role.Started ? Role.Unknown : given;
  const constraint: TicketConstraint = {
    id,
    resource,
    ticket,
    role,
    lossPolicy: lossPolicy(planner, policy, role, ticket),
  };
  resource.plan!.tickets.push(constraint);
  planner.tickets.push(constraint);
  if (!ticket.granted || ticket.standby) applyTicket(planner, resource, constraint);
}

/** What a ticket that is not granted, or in standby, does to a resource. */
function applyTicket(planner: Planner, resource: Resource, constraint: TicketConstraint): void {
  const { ticket, role, lossPolicy: policy } = constraint;
  if (resource.children.length > 0) {
    for (const child of resource.children) applyTicket(planner, child, constraint);
    return;
  }
  const ban = () => addScoreEverywhere(planner.status, resource, -INFINITY);
  const roleMatches = role === Role.Unknown || role === resource.role;
  if (ticket.granted || resource.runningOn.length === 0) {
    if (role !== Role.Promoted || policy === 'stop') ban();
    return;
  }
  switch (policy) {
    case 'stop':
      ban();
      break;
    case 'demote':
      if (role !== Role.Promoted) ban();
      break;
    case 'fence':
      if (!roleMatches) return;
      ban();
      for (const node of resource.runningOn) fenceNode(planner, node, 'deadman ticket was lost');
      break;
    case 'freeze':
      if (!roleMatches) return;
      resource.managed = false;
      resource.blocked = true;
      break;
  }
}

/** Keeps instances from being promoted without the tickets for it. */
export function requirePromotionTickets(planner: Planner, resource: Resource): void {
  for (const { role, ticket } of resource.plan!.tickets) {
    if (role === Role.Promoted && (!ticket.granted || ticket.standby)) {
      addScoreEverywhere(planner.status, resource, -INFINITY);
    }
  }
}
