import type { ClusterStatus, Ticket } from '../status/types.js';
import { type Block, item, section } from './outline.js';
import { calendarTime } from './terms.js';
import { compareBytes, type Medium } from './view.js';

/** Tickets of the cluster: those with a state, and those that constraints name. In byte order. */
export function shownTickets(status: ClusterStatus): Ticket[] {
  const tickets = new Map(status.tickets);
  for (const constraint of status.cib.at('configuration', 'constraints')?.elements('rsc_ticket') ?? []) {
    const id = constraint.get('ticket');
    if (id === undefined || tickets.has(id)) continue;
    tickets.set(id, { id, granted: false, standby: false, lastGranted: -1, attributes: new Map() });
  }
  return [...tickets.values()].sort((a, b) => compareBytes(a.id, b.id));
}

export function ticketBlock(status: ClusterStatus, medium: Medium): Block | undefined {
  return section(
    'Tickets',
    shownTickets(status).map((ticket) => {
      const state = `${ticket.granted ? 'granted' : 'revoked'}${ticket.standby ? ' [standby]' : ''}`;
      const granted =
        ticket.lastGranted > -1 ? ` last-granted="${calendarTime(ticket.lastGranted * 1000)}"` : '';
      return medium === 'html'
        ? item(`${ticket.id}:\t${state}${granted}`)
        : item(`${state}${granted}`, { label: ticket.id });
    }),
  );
}
