import type { Element } from '../cib/element.js';
import type { Configuration } from './configuration.js';
import { isChildResource } from './objects.js';
import { agentName } from './semantics.js';

/** The word in Graphviz's double quotes. */
function quoted(text: string): string {
  return `"${text.replace(/(["\\])/g, '\\$1')}"`;
}

function attributes(values: Readonly<Record<string, string>>): string {
  const list = Object.entries(values).map(([name, value]) => `${name}=${quoted(value)}`);
  return list.length === 0 ? '' : ` [${list.join(', ')}]`;
}

/** The first or last primitive within a resource: where an arrow to a group or clone ends. */
function primitiveOf(configuration: Configuration, id: string, end: 'first' | 'last'): string {
  let element: Element | undefined = configuration.find(id)?.element;
  while (element && element.name !== 'primitive' && element.name !== 'template') {
    const children: Element[] = element.elements().filter(isChildResource);
    element = end === 'first' ? children[0] : children.at(-1);
  }
  return element?.id ?? id;
}

/**
 * The configuration as a Graphviz digraph: primitives, groups as boxes, arrows from what starts first to what starts
 * then, dotted arrows from templates, dashed lines to preferred nodes.
 */
export function graphOf(configuration: Configuration): string {
  const lines = ['digraph G {', '\tcompound="true";', '\tnode [fontname="Helvetica", fontsize="11"];'];
  const objects = configuration.objects();
  for (const { type, element } of objects) {
    if (type === 'node') {
      const name = element.get('uname') ?? '';
      lines.push(
        `\t${quoted(name)}${attributes({ shape: 'box', style: 'bold', color: '#7ac142', label: name })};`,
      );
    }
  }
  for (const { type, id, element, container } of objects) {
    if (type !== 'primitive' && type !== 'rsc_template') continue;
    const whole = configuration.withTemplate(element) ?? element;
    const name = container && container.type !== 'group' ? `${container.type}:${id}` : id;
    lines.push(
      `\t${quoted(id)}${attributes({
        shape: 'box',
        style: whole.get('class') === 'stonith' ? 'dashed' : 'rounded,filled',
        fillcolor: type === 'rsc_template' ? '#ffd457' : '#e4e5e6',
        color: container?.type === 'clone' ? '#ec008c' : '#b9b9b9',
        label: `${name}\\n${agentName(whole)}`.replaceAll('\\\\n', '\\n'),
      }).replaceAll('\\\\n', '\\n')};`,
    );
    const template = type === 'primitive' ? element.get('template') : undefined;
    if (template)
      lines.push(
        `\t${quoted(template)} -> ${quoted(id)}${attributes({ style: 'dotted', arrowhead: 'none' })};`,
      );
  }
  for (const { type, id, element } of objects) {
    if (type !== 'group') continue;
    lines.push(`\tsubgraph ${quoted(`cluster_${id}`)} {`, `\t\tlabel=${quoted(id)};`, '\t\tcolor="#00aeef";');
    const members = element.elements('primitive').map((child) => child.id);
    for (const member of members) lines.push(`\t\t${quoted(member)};`);
    for (let i = 1; i < members.length; i++) {
      lines.push(
        `\t\t${quoted(members[i - 1]!)} -> ${quoted(members[i]!)}${attributes({ style: 'invis' })};`,
      );
    }
    lines.push('\t}');
  }
  for (const { type, element } of objects) {
    if (type === 'order') lines.push(...orderEdges(configuration, element));
    const node = type === 'location' ? element.get('node') : undefined;
    const resource = element.get('rsc');
    if (node !== undefined && resource !== undefined) {
      const label = (element.get('score') ?? '').replaceAll('INFINITY', 'inf');
      const target = primitiveOf(configuration, resource, 'first');
      lines.push(
        `\t${quoted(node)} -> ${quoted(target)}${attributes({ style: 'dashed', dir: 'none', label })};`,
      );
    }
  }
  lines.push('}');
  return `${lines.join('\n')}\n`;
}

function orderEdges(configuration: Configuration, order: Element): string[] {
  const kind = order.get('kind') ?? '';
  const style = kind === '' || kind === 'Mandatory' ? { style: 'solid' } : { label: kind };
  const edge = (from: string, to: string) =>
    `\t${quoted(primitiveOf(configuration, from, 'last'))} -> ` +
    `${quoted(primitiveOf(configuration, to, 'first'))}${attributes(style)};`;
  const [first, then] = [order.get('first'), order.get('then')];
  if (first !== undefined && then !== undefined) return [edge(first, then)];
  const edges: string[] = [];
  let before: string[] = [];
  for (const set of order.elements('resource_set')) {
    const members = set.elements('resource_ref').map((member) => member.id);
    const sequential = !/^(n|no|false|off|0)$/i.test(set.get('sequential') ?? '');
    for (const steps of sequential ? members.map((member) => [member]) : [members]) {
      for (const from of before) for (const to of steps) edges.push(edge(from, to));
      before = steps;
    }
  }
  return edges;
}
