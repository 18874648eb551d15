import { isTrue } from '../cib/boolean.js';
import { Element } from '../cib/element.js';
import { writeXml } from '../cib/xml.js';
import { EXIT } from '../command-line/exit-codes.js';
import type { Arguments, OptionTable } from '../command-line/options.js';
import { exitOf, type ResultName, resultText } from '../command-line/result-codes.js';
import { type Report, type Surroundings, ToolFailure, toolWith } from '../command-line/tool.js';
import { calendarTime } from '../monitor/terms.js';
import { unpackStatus } from '../status/unpack.js';
import { type CibAccess, withCib } from './access.js';

const table: OptionTable = {
  name: 'crm_ticket',
  summary: 'crm_ticket - show and change the tickets of this cluster site',
  groups: [
    {
      name: 'queries',
      title: 'Queries:',
      help: 'Show queries',
      options: [
        { long: 'info', short: 'l', help: 'Show the state of tickets' },
        { long: 'details', short: 'L', help: 'Show all that is known about tickets' },
        { long: 'raw', short: 'w', help: 'Show the names of tickets' },
        { long: 'query-xml', short: 'q', help: 'Show the XML of tickets' },
        { long: 'constraints', short: 'c', help: 'Show the rsc_ticket constraints with a ticket' },
      ],
    },
    {
      name: 'commands',
      title: 'Commands:',
      help: 'Show command options',
      options: [
        { long: 'grant', short: 'g', help: 'Grant a ticket to this site' },
        { long: 'revoke', short: 'r', help: 'Revoke a ticket from this site' },
        { long: 'standby', short: 's', help: 'Put a ticket into standby here' },
        { long: 'activate', short: 'a', help: 'Take a ticket out of standby here' },
      ],
    },
    {
      name: 'advanced',
      title: 'Advanced Options:',
      help: 'Show advanced options',
      options: [
        { long: 'get-attr', short: 'G', value: 'ATTRIBUTE', help: "Show an attribute of a ticket's state" },
        { long: 'set-attr', short: 'S', value: 'ATTRIBUTE', help: "Set an attribute of a ticket's state" },
        {
          long: 'delete-attr',
          short: 'D',
          value: 'ATTRIBUTE',
          help: "Remove an attribute of a ticket's state",
        },
        { long: 'cleanup', short: 'C', help: "Remove all of a ticket's state here" },
      ],
    },
    {
      name: 'additional',
      title: 'Additional Options:',
      help: 'Show additional options',
      options: [
        { long: 'attr-value', short: 'v', value: 'VALUE', help: 'The value for -S' },
        { long: 'default', short: 'd', value: 'VALUE', help: '(Advanced) What -G shows where there is none' },
        { long: 'force', short: 'f', help: '(Advanced) Do it in spite of warnings' },
        { long: 'ticket', short: 't', value: 'ID', help: 'The ticket' },
      ],
    },
    {
      name: 'deprecated',
      title: 'Deprecated Options:',
      help: 'Show deprecated options',
      options: [
        { long: 'set-name', short: 'n', value: 'ID', help: 'Understood, but of no effect' },
        { long: 'nvpair', short: 'i', value: 'ID', help: 'Understood, but of no effect' },
        { long: 'quiet', short: 'Q', help: 'Show only values' },
        { long: 'xml-file', short: 'x', value: 'FILE', hidden: true, help: '' },
      ],
    },
  ],
  description: `Examples:

  crm_ticket --info
  crm_ticket --ticket ticketA --grant --force
  crm_ticket --ticket ticketA --get-attr granted`,
};

const QUERIES: readonly string[] = ['info', 'details', 'raw', 'query-xml', 'constraints'];
const COMMANDS: readonly string[] = ['get-attr', 'cleanup'];

interface Changes {
  readonly set: Map<string, string>;
  readonly remove: Set<string>;
}

function readChanges(given: Arguments): Changes {
  const set = new Map<string, string>();
  const remove = new Set<string>();
  let named: string | undefined;
  for (const { option, value } of given.occurrences) {
    if (option === 'grant') set.set('granted', 'true');
    else if (option === 'revoke') set.set('granted', 'false');
    else if (option === 'standby') set.set('standby', 'true');
    else if (option === 'activate') set.set('standby', 'false');
    else if (option === 'delete-attr') remove.add(value!);
    else if (option === 'set-attr') named = value;
    else if (option === 'attr-value' && named !== undefined) {
      set.set(named, value!);
      named = undefined;
    }
  }
  if (named !== undefined) {
    const value = given.value('attr-value');
    if (value === undefined) {
      needTicket(given);
      throw new ToolFailure(EXIT.USAGE, `Must supply value with -v for -S ${named}`);
    }
    set.set(named, value);
  }
  return { set, remove };
}

/** Works as `crm_ticket` of Pacemaker 2.1.5 does. */
export const crmTicket = toolWith(table, async (given, report, surroundings) => {
  const changes = readChanges(given);
  const changing = changes.set.size > 0 || changes.remove.size > 0;
  const query = given.occurrences.findLast(({ option }) => QUERIES.includes(option))?.option;
  const command = given.occurrences.findLast(({ option }) => COMMANDS.includes(option))?.option;
  if (!query && !command && !changing) throw new ToolFailure(EXIT.USAGE, 'Must supply a command');
  await withCib(surroundings, async (access) => {
    const read = await access.read();
    if (!read.ok) {
      throw new ToolFailure(exitOf(read.failure), `Could not get local CIB: ${resultText(read.failure)}`);
    }
    const ticket = given.value('ticket');
    if (query) await show(query, access, read.value, ticket, report, surroundings);
    else if (command === 'get-attr') showAttribute(given, read.value, report);
    else await change(access, read.value, given, changes, command === 'cleanup', report, surroundings);
  });
  return EXIT.OK;
});

function tickets(cib: Element, surroundings: Surroundings) {
  return unpackStatus(cib, { nowMs: surroundings.nowMs, utcOffsetSec: surroundings.zoneOffset }).tickets;
}

async function show(
  query: string,
  access: CibAccess,
  cib: Element,
  wanted: string | undefined,
  report: Report,
  surroundings: Surroundings,
): Promise<void> {
  const named = wanted === undefined ? '' : `='${wanted}'`;
  if (query === 'query-xml' || query === 'constraints') {
    const scope =
      query === 'query-xml'
        ? `/cib/status/tickets${wanted === undefined ? '' : `/ticket_state[@id${named}]`}`
        : `/cib/configuration/constraints//rsc_ticket${wanted === undefined ? '' : `[@ticket${named}]`}`;
    const found = await access.perform({ operation: 'query', scope, xpath: true });
    if (!found.ok) {
      const what = query === 'query-xml' ? 'query ticket XML' : 'show ticket constraints';
      throw new ToolFailure(exitOf(found.failure), `Could not ${what}: ${resultText(found.failure)}`);
    }
    report.line(`${query === 'query-xml' ? 'State' : 'Constraints'} XML:\n`);
    report.raw(writeXml(found.value!));
    return;
  }
  const all = [...tickets(cib, surroundings).values()];
  const chosen = wanted === undefined ? all : all.filter(({ id }) => id === wanted);
  if (wanted !== undefined && chosen.length === 0) {
    throw new ToolFailure(exitOf('ENXIO'), `No such ticket '${wanted}'`);
  }
  for (const ticket of chosen) {
    if (query === 'raw') {
      report.line(ticket.id);
      continue;
    }
    const parts = [];
    if (query === 'details') {
      for (const [name, value] of stateOf(cib, ticket.id)?.attributes ?? []) {
        if (name !== 'id' && name !== 'last-granted') parts.push(`${name}=${value}`);
      }
    }
    const { lastGranted } = ticket;
    const date = lastGranted > 0 ? `last-granted='${calendarTime(lastGranted * 1000)}'` : '';
    const state = `${ticket.granted ? 'granted' : 'revoked'} ${ticket.standby ? '[standby]' : '         '}`;
    const tail =
      query === 'details' && parts.length > 0 ? `(${[...parts, date].filter(Boolean).join(', ')})` : date;
    report.line(`${ticket.id}\t${state}${tail === '' ? '' : ` ${tail}`}`);
  }
}

function needTicket(given: Arguments): string {
  const ticket = given.value('ticket');
  if (ticket === undefined) throw new ToolFailure(EXIT.USAGE, 'Must supply ticket ID with -t');
  return ticket;
}

function stateOf(cib: Element, ticket: string): Element | undefined {
  return cib
    .at('status', 'tickets')
    ?.elements('ticket_state')
    .find((state) => state.id === ticket);
}

function showAttribute(given: Arguments, cib: Element, report: Report): void {
  const ticket = given.value('ticket');
  if (ticket === undefined) throw new ToolFailure(EXIT.NOSUCH, 'Must supply ticket ID with -t');
  const value = stateOf(cib, ticket)?.get(given.value('get-attr')!) ?? given.value('default');
  if (value === undefined) throw new ToolFailure(exitOf('ENXIO'));
  report.line(value);
}

async function change(
  access: CibAccess,
  cib: Element,
  given: Arguments,
  changes: Changes,
  cleanup: boolean,
  report: Report,
  surroundings: Surroundings,
): Promise<void> {
  const ticket = needTicket(given);
  const force = given.has('force');
  const status = tickets(cib, surroundings).get(ticket);
  const granted = status?.granted ?? false;
  if (cleanup) {
    if (!status && !force) throw new ToolFailure(exitOf('ENXIO'), `No such ticket '${ticket}'`);
    if (granted && !force) {
      explainRevocation(ticket, report);
      throw new ToolFailure(EXIT.INSUFFICIENT_PRIV);
    }
    const state = stateOf(cib, ticket);
    if (!state) return;
    const input = new Element('ticket_state', { id: ticket });
    check(await access.perform({ operation: 'delete', scope: 'status', input }), 'clean up ticket');
    report.line(`Cleaned up ${ticket}`);
    return;
  }
  if (!force) {
    const wanted = changes.set.get('granted');
    const grants = wanted !== undefined && isTrue(wanted);
    if (grants) explainGrant(ticket, report);
    else if (wanted !== undefined || changes.remove.has('granted')) explainRevocation(ticket, report);
    if (wanted !== undefined || changes.remove.has('granted')) {
      throw new ToolFailure(EXIT.INSUFFICIENT_PRIV, 'Ticket modification not allowed');
    }
  }
  await write(access, cib, ticket, changes, granted, surroundings);
}

async function write(
  access: CibAccess,
  cib: Element,
  ticket: string,
  changes: Changes,
  granted: boolean,
  surroundings: Surroundings,
): Promise<void> {
  const before = stateOf(cib, ticket);
  const state = before?.clone() ?? new Element('ticket_state', { id: ticket });
  for (const name of changes.remove) state.set(name, undefined);
  for (const [name, value] of changes.set) state.set(name, value);
  const value = changes.set.get('granted');
  if (value !== undefined && isTrue(value) && !granted) {
    state.set('last-granted', String(Math.floor(surroundings.nowMs / 1000)));
  }
  if (!before && changes.set.size === 0) return;
  const replace = before !== undefined && changes.remove.size > 0;
  const input = replace ? state : new Element('status', {}, [new Element('tickets', {}, [state])]);
  check(
    await access.perform({
      operation: replace ? 'replace' : 'modify',
      scope: 'status',
      input,
      allowCreate: !replace,
    }),
    'modify ticket',
  );
}

function check(
  outcome: { readonly ok: true } | { readonly ok: false; readonly failure: ResultName },
  what: string,
): void {
  if (outcome.ok) return;
  throw new ToolFailure(exitOf(outcome.failure), `Could not ${what}: ${resultText(outcome.failure)}`);
}

function explainGrant(ticket: string, report: Report): void {
  report.line(`This command cannot help you verify whether '${ticket}' has been already granted elsewhere.
If you really want to grant '${ticket}' to this site now, and you know what you are doing,
please specify --force.`);
}

function explainRevocation(ticket: string, report: Report): void {
  report.line(`Revoking '${ticket}' can trigger the specified 'loss-policy'(s) relating to '${ticket}'.

You can check that with:
crm_ticket --ticket ${ticket} --constraints

Otherwise before revoking '${ticket}', you may want to make '${ticket}' standby with:
crm_ticket --ticket ${ticket} --standby

If you really want to revoke '${ticket}' from this site now, and you know what you are doing,
please specify --force.`);
}
