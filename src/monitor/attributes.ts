import type { ClusterNode, ClusterStatus, Resource } from '../status/types.js';
import { displayName } from './node-text.js';
import { type Block, type Entry, item, list, section, spanItem } from './outline.js';
import { padBytes, scanNumber } from './terms.js';
import { compareBytes, type Medium, nodeMatches, type View } from './view.js';

/** The cluster's own attributes are not shown. */
const HIDDEN = ['fail-count', 'last-failure', 'shutdown', 'terminate', 'standby', '#'];

export interface ShownAttribute {
  readonly name: string;
  readonly value: string;
  /** What a ping resource should have counted; undefined: no ping resource writes this attribute. */
  readonly expected: number | undefined;
}

/** Looks up a parameter of a resource as it takes effect on a node. */
export type ParameterOf = (resource: Resource, node: ClusterNode, name: string) => string | undefined;

function expectedScore(node: ClusterNode, attribute: string, parameterOf: ParameterOf): number | undefined {
  for (const resource of node.running) {
    const type = resource.xml.get('type')?.toLowerCase();
    if (type !== 'ping' && type !== 'pingd') continue;
    const name = parameterOf(resource, node, 'name') ?? 'pingd';
    if (name.toLowerCase() !== attribute.toLowerCase()) continue;
    const hosts = parameterOf(resource, node, 'host_list');
    const count = hosts === undefined || hosts === '' ? 0 : hosts.split(' ').length;
    return count * scanNumber(parameterOf(resource, node, 'multiplier'), 1);
  }
  return undefined;
}

/** The attributes that people and agents have set on a node, in byte order of their names. */
export function shownAttributes(node: ClusterNode, parameterOf: ParameterOf): ShownAttribute[] {
  return [...node.attributes]
    .filter(([name]) => !HIDDEN.some((prefix) => name.startsWith(prefix)))
    .sort(([a], [b]) => compareBytes(a, b))
    .map(([name, value]) => ({ name, value, expected: expectedScore(node, name, parameterOf) }));
}

/** Nodes whose attributes are shown, with them. */
export function attributesByNode(
  status: ClusterStatus,
  view: View,
  parameterOf: ParameterOf,
): { node: ClusterNode; attributes: ShownAttribute[] }[] {
  return status.nodes
    .filter((node) => node.online && nodeMatches(view, node.name))
    .map((node) => ({ node, attributes: shownAttributes(node, parameterOf) }))
    .filter(({ attributes }) => attributes.length > 0);
}

function attributeEntry({ name, value, expected }: ShownAttribute, medium: Medium): Entry {
  const score = scanNumber(value, 0);
  const lost = expected !== undefined && score <= 0;
  const degraded = expected !== undefined && !lost && score < expected;
  if (medium === 'html') {
    if (expected === undefined) return item(`${name}: ${value}`);
    const remark = lost
      ? '(connectivity is lost)'
      : degraded
        ? `(connectivity is degraded -- expected ${expected}`
        : undefined;
    return spanItem(
      { text: `${name}: ${value}` },
      ...(remark === undefined ? [] : [{ text: remark, className: 'bold' }]),
    );
  }
  const columns = `${padBytes(name, 32)}\t: ${padBytes(value, 10)}`;
  if (lost) return item(`${columns}\t: Connectivity is lost`);
  if (degraded) return item(`${columns}\t: Connectivity is degraded (Expected=${expected})`);
  return item(columns);
}

export function attributeBlock(
  status: ClusterStatus,
  view: View,
  medium: Medium,
  parameterOf: ParameterOf,
): Block | undefined {
  return section(
    'Node Attributes',
    attributesByNode(status, view, parameterOf).map(({ node, attributes }) =>
      list(
        nodeHeading(node, view, medium),
        attributes.map((attribute) => attributeEntry(attribute, medium)),
      ),
    ),
  );
}

/** The heading over what belongs to a node. */
export function nodeHeading(node: ClusterNode, view: View, medium: Medium): string {
  const name = displayName(node, view.detail);
  return medium === 'html' ? `${name}:` : `Node: ${name}`;
}
