import type { Element } from '../cib/element.js';
import { createNode, findNode, markUnseen } from './nodes.js';
import { remoteConnectionXml } from './remote-xml.js';
import { isRemoteConnectionXml } from './resources.js';
import type { ClusterStatus, Resource } from './types.js';

/**
 * Makes the nodes that connection resources and `remote-node` meta-attributes stand for.
 *
 * @returns the connections of guest nodes, which are configured only by that meta-attribute
 */
export function unpackRemoteNodes(status: ClusterStatus, resources: Element | undefined): Element[] {
  const implied: Element[] = [];
  const configured = new Set((resources?.elements() ?? []).map((element) => element.id));
  const addGuest = (primitive: Element) => {
    const connection = impliedConnection(primitive);
    if (!connection) return;
    if (!configured.has(connection.id)) implied.push(connection);
    if (!findNode(status, connection.id)) {
      createNode(status, connection.id, connection.id, 'remote', undefined);
    }
  };
  for (const element of resources?.elements() ?? []) {
    if (isRemoteConnectionXml(element)) {
      if (element.id && !findNode(status, element.id)) {
        createNode(status, element.id, element.id, 'remote', undefined);
      }
    } else if (element.name === 'primitive') addGuest(element);
    else if (element.name === 'group') for (const member of element.elements()) addGuest(member);
  }
  return implied;
}

/** The connection into a resource with a `remote-node` meta-attribute. */
function impliedConnection(primitive: Element): Element | undefined {
  const values = new Map<string, string | undefined>();
  for (const set of primitive.elements('meta_attributes')) {
    for (const pair of set.elements()) values.set((pair.get('name') ?? '').toLowerCase(), pair.get('value'));
  }
  const name = values.get('remote-node');
  if (name === undefined) return undefined;
  return remoteConnectionXml(name, {
    containerId: primitive.id,
    allowMigrate: values.get('remote-allow-migrate'),
    isManaged: values.get('is-managed'),
    startTimeout: values.get('remote-connect-timeout') ?? '60s',
    server: values.get('remote-addr'),
    port: values.get('remote-port'),
  });
}

/** Ties a connection to its node. */
export function linkConnection(status: ClusterStatus, resource: Resource): void {
  if (!resource.isRemoteConnection) return;
  const node = findNode(status, resource.id);
  if (!node) return;
  node.remoteResource = resource;
  if (!resource.container) markUnseen(status, node);
  else node.attributes.set('#kind', 'container');
}

/** Ties what lives in a resource (`container`) to it. */
export function linkContainer(status: ClusterStatus, resource: Resource): void {
  if (resource.children.length > 0) {
    for (const child of resource.children) linkContainer(status, child);
    return;
  }
  const id = resource.meta.get('container');
  if (id === undefined || id.toLowerCase() === resource.id.toLowerCase()) return;
  const container = status.resourcesById.get(id);
  if (!container) {
    const text = `Resource ${resource.id}: Unknown resource container (${id})`;
    status.messages.push({ severity: 'error', text });
    return;
  }
  resource.container = container;
  container.isContainer = true;
  container.fillers.push(resource);
}
