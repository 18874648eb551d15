import { isTrue } from '../cib/boolean.js';
import type { Element } from '../cib/element.js';
import { scanInteger } from '../cib/number.js';
import { unpackHistories } from './node-history.js';
import { judgeRemote, unpackNodeState, unpackNodes } from './nodes.js';
import { unpackOptions } from './options.js';
import { linkConnection, linkContainer, unpackRemoteNodes } from './remote-nodes.js';
import { isDisabled, unpackResource } from './resources.js';
import { ClusterStatus, type Resource, Role } from './types.js';

export interface StatusOptions {
  /** Milliseconds since 1970. */
  readonly nowMs: number;
  /** Seconds east of UTC of the local time zone, for dates in rules. Default 0. */
  readonly utcOffsetSec?: number;
  /** The CIB was made safe to show: digests without private parameters count. Default false. */
  readonly sanitized?: boolean;
}

/** Reads a CIB: what is configured, and what is true now. The CIB is not changed. */
export function unpackStatus(cib: Element, options: StatusOptions): ClusterStatus {
  const status = new ClusterStatus(cib, options.nowMs, options.utcOffsetSec);
  status.sanitized = options.sanitized ?? false;
  const configuration = cib.first('configuration');
  status.dcId = cib.get('dc-uuid');
  status.quorate = isTrue(cib.get('have-quorum'));
  status.operationDefaults = configuration?.first('op_defaults');
  status.resourceDefaults = configuration?.first('rsc_defaults');
  unpackOptions(status, configuration?.first('crm_config'));
  if (!status.quorate && status.options.noQuorumPolicy !== 'ignore') {
    const text = 'Fencing and resource management disabled due to lack of quorum';
    status.messages.push({ severity: 'warning', text, remark: true });
  }
  unpackNodes(status, configuration?.first('nodes'));
  unpackResources(status, configuration?.first('resources'));
  unpackTags(status, configuration?.first('tags'));
  unpackState(status, cib.first('status'));
  for (const resource of status.resources) countInstances(status, resource);
  for (const [index, node] of status.nodes.entries()) node.index = index;
  return status;
}

function unpackResources(status: ClusterStatus, section: Element | undefined): void {
  const implied = unpackRemoteNodes(status, section);
  for (const xml of [...(section?.elements() ?? []), ...implied]) {
    if (!xml.id) {
      status.messages.push({ severity: 'error', text: `Ignoring <${xml.name}> resource without ID` });
      continue;
    }
    if (xml.name === 'template') {
      if (!status.templates.has(xml.id)) status.templates.set(xml.id, { id: xml.id, references: [] });
      continue;
    }
    const resource = unpackResource(status, xml, undefined);
    if (resource) status.resources.push(resource);
    else {
      const text = `Ignoring <${xml.name}> resource '${xml.id}' because configuration is invalid`;
      status.messages.push({ severity: 'error', text });
    }
  }
  for (const resource of status.resources) {
    linkContainer(status, resource);
    linkConnection(status, resource);
  }
  status.resources.sort((a, b) => b.priority - a.priority);
  if (status.options.stonithEnabled && !status.options.haveStonithResource) {
    for (const text of [
      'Resource start-up disabled since no STONITH resources have been defined',
      'Either configure some or disable STONITH with the stonith-enabled option',
      'NOTE: Clusters with shared data need STONITH to ensure data integrity',
    ]) {
      status.messages.push({ severity: 'error', text });
    }
  }
}

function unpackTags(status: ClusterStatus, section: Element | undefined): void {
  for (const xml of section?.elements('tag') ?? []) {
    if (!xml.id) continue;
    let tag = status.tags.get(xml.id);
    if (!tag) {
      tag = { id: xml.id, references: [] };
      status.tags.set(xml.id, tag);
    }
    for (const reference of xml.elements('obj_ref')) {
      if (reference.id && !tag.references.includes(reference.id)) tag.references.push(reference.id);
    }
  }
}

function unpackState(status: ClusterStatus, section: Element | undefined): void {
  for (const element of section?.elements() ?? []) {
    if (element.name === 'tickets') unpackTickets(status, element);
    else if (element.name === 'node_state') unpackNodeState(status, element);
  }
  unpackHistories(status, section);
  for (const node of status.nodes) {
    if (!node.isGuestOrRemote) continue;
    if (node.shutdown && node.remoteResource) node.remoteResource.nextRole = Role.Stopped;
    if (!node.unpacked) judgeRemote(node);
  }
}

function unpackTickets(status: ClusterStatus, section: Element): void {
  for (const xml of section.elements('ticket_state')) {
    if (!xml.id) continue;
    const ticket = ensureTicket(status, xml.id);
    for (const [name, value] of xml.attributes) if (name !== 'id') ticket.attributes.set(name, value);
    ticket.granted = isTrue(ticket.attributes.get('granted'));
    ticket.standby = isTrue(ticket.attributes.get('standby'));
    const last = ticket.attributes.get('last-granted');
    if (last !== undefined) ticket.lastGranted = Number(scanInteger(last)?.value ?? 0);
  }
}

/** The ticket of that name, made where nothing is known of it. */
export function ensureTicket(status: ClusterStatus, id: string) {
  let ticket = status.tickets.get(id);
  if (!ticket) {
    ticket = { id, granted: false, lastGranted: -1, standby: false, attributes: new Map<string, string>() };
    status.tickets.set(id, ticket);
  }
  return ticket;
}

function countInstances(status: ClusterStatus, resource: Resource): void {
  if (resource.children.length > 0) {
    for (const child of resource.children) countInstances(status, child);
  } else if (!resource.orphan || resource.role > Role.Stopped) {
    status.instanceCount++;
    if (isDisabled(resource)) status.disabledCount++;
    if (resource.blocked) status.blockedCount++;
  }
}
