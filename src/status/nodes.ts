import { isTrue } from '../cib/boolean.js';
import type { Element } from '../cib/element.js';
import { INFINITY, parseScore } from '../cib/score.js';
import { atLeast } from './at-least.js';
import { fenceNode } from './fencing.js';
import { surroundings, unpackNvpairs } from './nvpairs.js';
import { ClusterNode, type ClusterStatus, type NodeType, Role } from './types.js';

/** Compares names with numbers in them as people do: `node2` before `node10`. */
export function compareNodeNames(a: string, b: string): number {
  let i = 0;
  let j = 0;
  const isDigit = (c: string | undefined) => c !== undefined && c >= '0' && c <= '9';
  while (i < a.length && j < b.length) {
    if (isDigit(a[i]) && isDigit(b[j])) {
      const left = /^\d+/.exec(a.slice(i))![0];
      const right = /^\d+/.exec(b.slice(j))![0];
      const order = Number(left) - Number(right) || left.length - right.length;
      if (order !== 0) return order;
      i += left.length;
      j += right.length;
    } else {
      const left = a[i]!.toLowerCase();
      const right = b[j]!.toLowerCase();
      if (left !== right) return left < right ? -1 : 1;
      i++;
      j++;
    }
  }
  return (i < a.length ? 1 : 0) - (j < b.length ? 1 : 0);
}

/** By name, in any case. */
export function findNode(status: ClusterStatus, name: string | undefined): ClusterNode | undefined {
  return name === undefined ? undefined : status.nodesByName.get(name.toLowerCase());
}

/** By id, and by name where no node has the id. */
export function findNodeByIdOrName(
  status: ClusterStatus,
  id: string | undefined,
  name: string | undefined,
): ClusterNode | undefined {
  return (id === undefined ? undefined : status.nodesById.get(id.toLowerCase())) ?? findNode(status, name);
}

export function createNode(
  status: ClusterStatus,
  id: string,
  name: string,
  type: string | undefined,
  score: string | undefined,
): ClusterNode {
  const kind = type?.toLowerCase();
  let nodeType: NodeType = 'ping';
  if (kind === undefined || kind === 'member') nodeType = 'member';
  else if (kind === 'remote') {
    nodeType = 'remote';
    status.haveRemoteNodes = true;
  } else if (kind === 'ping') {
    const text = `Support for nodes of type 'ping' (such as ${name}) is deprecated and will be removed in a future release`;
    status.messages.push({ severity: 'warning', text });
  } else {
    const text = `Node ${name} has unrecognized type '${type}', assuming 'ping'`;
    status.messages.push({ severity: 'warning', text });
  }
  if (findNode(status, name)) {
    status.messages.push({ severity: 'warning', text: `More than one node entry has name '${name}'` });
  }
  const node = new ClusterNode(id, name, nodeType);
  node.score = parseScore(score, status.options.healthScores);
  node.attributes.set('#kind', nodeType === 'remote' ? 'remote' : 'cluster');
  const before = status.nodes.findIndex((other) => compareNodeNames(name, other.name) <= 0);
  status.nodes.splice(before < 0 ? status.nodes.length : before, 0, node);
  if (!status.nodesByName.has(name.toLowerCase())) status.nodesByName.set(name.toLowerCase(), node);
  if (!status.nodesById.has(id.toLowerCase())) status.nodesById.set(id.toLowerCase(), node);
  return node;
}

/** A node of which nothing is known yet is unclean where startup fencing says so. */
export function markUnseen(status: ClusterStatus, node: ClusterNode): void {
  if (node.type === 'remote' && !node.remoteResource) return;
  node.unclean = status.options.startupFencing;
  node.unseen = true;
}

export function unpackNodes(status: ClusterStatus, nodes: Element | undefined): void {
  for (const xml of nodes?.elements('node') ?? []) {
    const id = xml.get('id');
    if (id === undefined) {
      const text = 'Ignoring <node> entry in configuration without id';
      status.messages.push({ severity: 'error', text });
      continue;
    }
    const node = createNode(status, id, xml.get('uname') ?? id, xml.get('type'), xml.get('score'));
    markUnseen(status, node);
    addAttributes(status, xml, node, false);
    unpackNvpairs(status, xml, 'utilization', surroundings(status), node.utilization);
  }
}

/** Adds the attribute sets below an element, and the attributes that the cluster itself defines. */
export function addAttributes(
  status: ClusterStatus,
  xml: Element | undefined,
  node: ClusterNode,
  overwrite: boolean,
): void {
  const { attributes } = node;
  attributes.set('#uname', node.name);
  attributes.set('#id', node.id);
  if (status.dcId !== undefined && node.id.toLowerCase() === status.dcId.toLowerCase()) {
    status.dc = node;
    node.isDc = true;
  }
  attributes.set('#is_dc', String(status.dc === node));
  const clusterName = status.options.all.get('cluster-name');
  if (clusterName !== undefined) attributes.set('#cluster-name', clusterName);
  unpackNvpairs(status, xml, 'instance_attributes', surroundings(status), attributes, { overwrite });
  if (!attributes.has('#site-name')) {
    const site = attributes.get('site-name') ?? clusterName;
    if (site !== undefined) attributes.set('#site-name', site);
  }
}

/** Whether the node's own `shutdown` attribute asks for its shutdown. */
export function shutdownRequested(node: ClusterNode): boolean {
  const shutdown = node.attributes.get('shutdown');
  return shutdown !== undefined && shutdown !== '0';
}

/** Reads what a cluster node's `node_state` says of the node itself. */
export function unpackNodeState(status: ClusterStatus, state: Element): void {
  const id = state.get('id');
  const name = state.get('uname');
  if (id === undefined || name === undefined) {
    const missing = id === undefined ? 'id' : 'uname';
    const text = `Ignoring malformed node_state entry without ${missing}`;
    status.messages.push({ severity: 'warning', text });
    return;
  }
  const node = findNodeByIdOrName(status, id, name);
  if (!node) {
    const text = `Ignoring recorded node state for '${name}' because it is no longer in the configuration`;
    status.messages.push({ severity: 'warning', text });
    return;
  }
  if (node.isGuestOrRemote) {
    node.remoteWasFenced = atLeast(state.get('node_fenced') ?? '0', 0) !== 0;
    return;
  }
  addAttributes(status, state.first('transient_attributes'), node, true);
  if (isTrue(node.attributes.get('standby'))) node.standby = true;
  if (isTrue(node.attributes.get('maintenance'))) node.maintenance = true;
  node.unclean = false;
  node.unseen = false;
  judgeMember(status, state, node);
  if (!status.quorate && node.online && status.options.noQuorumPolicy === 'suicide') {
    fenceNode(status, node, 'cluster does not have quorum');
  }
}

function judgeMember(status: ClusterStatus, state: Element, node: ClusterNode): void {
  node.shutdown = false;
  node.expectedUp = false;
  if (shutdownRequested(node)) node.shutdown = true;
  else if (state.get('expected')?.toLowerCase() === 'member') node.expectedUp = true;
  let online = false;
  if (node.type === 'ping') node.unclean = false;
  else if (status.options.stonithEnabled) online = isOnlineWithFencing(status, state, node);
  else online = isOnlineWithoutFencing(status, state, node);
  if (online) node.online = true;
  if (!online || node.shutdown) node.score = -INFINITY;
}

function isOnlineWithoutFencing(status: ClusterStatus, state: Element, node: ClusterNode): boolean {
  if (!isTrue(state.get('in_ccm'))) return false;
  if (state.get('crmd')?.toLowerCase() === 'online') return state.get('join')?.toLowerCase() === 'member';
  if (node.expectedUp) fenceNode(status, node, 'peer is unexpectedly down');
  return false;
}

function isOnlineWithFencing(status: ClusterStatus, state: Element, node: ClusterNode): boolean {
  const join = state.get('join')?.toLowerCase();
  const membership = state.get('in_ccm');
  const inCluster = isTrue(membership);
  const controllerOnline = state.get('crmd')?.toLowerCase() === 'online';
  const expected = state.get('expected')?.toLowerCase() ?? 'down';
  const terminateText = node.attributes.get('terminate');
  const terminate = isTrue(terminateText) || /^[1-9]/.test(terminateText ?? '');
  const setPending = () => {
    node.standby = true;
    node.pending = true;
  };
  if (node.shutdown) return controllerOnline;
  if (membership === undefined) fenceNode(status, node, 'peer has not been seen by the cluster');
  else if (join === 'banned') fenceNode(status, node, 'peer failed Pacemaker membership criteria');
  else if (!terminate && expected === 'down') {
    if (inCluster || controllerOnline) setPending();
  } else if (terminate && join === 'down' && !inCluster && !controllerOnline) return false;
  else if (!inCluster) fenceNode(status, node, 'peer is no longer part of the cluster', true);
  else if (!controllerOnline) fenceNode(status, node, 'peer process is no longer available');
  else if (terminate) fenceNode(status, node, 'termination was requested');
  else if (join === 'pending' || join === 'down') setPending();
  else if (join !== 'member') fenceNode(status, node, 'peer was in an unknown state');
  return inCluster;
}

/** Judges a remote or guest node by its connection and the resource that it lives in. */
export function judgeRemote(node: ClusterNode): void {
  const connection = node.remoteResource;
  if (!connection) {
    node.online = false;
    return;
  }
  const container = connection.container;
  const host = container && connection.runningOn.length === 1 ? connection.runningOn[0] : undefined;
  if (connection.role === Role.Started) node.online = true;
  if (connection.role === Role.Started && connection.nextRole === Role.Stopped) node.shutdown = true;
  if (container?.failed) {
    node.online = false;
    node.remoteRequiresReset = true;
  } else if (connection.failed) node.online = false;
  else if (connection.role === Role.Stopped || container?.role === Role.Stopped) {
    node.online = false;
    node.remoteRequiresReset = false;
  } else if (host && !host.online && host.unclean) {
    node.online = false;
    node.remoteRequiresReset = true;
  }
}

/** Reads what a remote or guest node's `node_state` says of the node itself. */
export function unpackRemoteState(status: ClusterStatus, state: Element, node: ClusterNode): void {
  node.remoteMaintenance = atLeast(state.get('node_in_maintenance') ?? '0', 0) !== 0;
  const connection = node.remoteResource;
  if (!node.remoteRequiresReset) {
    node.unclean = false;
    node.unseen = false;
  }
  addAttributes(status, state.first('transient_attributes'), node, true);
  if (shutdownRequested(node)) node.shutdown = true;
  if (isTrue(node.attributes.get('standby'))) node.standby = true;
  if (isTrue(node.attributes.get('maintenance')) || (connection && !connection.managed)) {
    node.maintenance = true;
  }
  const discovery = node.attributes.get('resource-discovery-enabled');
  if (discovery !== undefined && !isTrue(discovery)) {
    if (node.isRemote && !status.options.stonithEnabled) {
      const text = `Ignoring resource-discovery-enabled attribute on Pacemaker Remote node ${node.name} because fencing is disabled`;
      status.messages.push({ severity: 'warning', text });
    } else node.discoveryEnabled = false;
  }
}
