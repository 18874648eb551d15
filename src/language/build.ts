import type { Statement } from '../../grammar/crm/ast.js';
import type { Element } from '../cib/element.js';
import { parseXml, XmlError } from '../cib/xml.js';
import { aclRole } from './build/acl.js';
import { alert } from './build/alerts.js';
import { propertySet, set } from './build/attribute-sets.js';
import { colocation, location, order, ticketConstraint } from './build/constraints.js';
import { type BuildContext, CHILD_REFERENCE, make } from './build/context.js';
import { fencingTopology } from './build/fencing-topology.js';
import { bundle, collection, monitorOperation, primitive } from './build/resources.js';
import { STATEMENT_OF_ELEMENT } from './objects.js';

/**
 * The element that a statement stands for, without made-up ids and with references unresolved: containers hold
 * `child-reference` elements. Complaints go to the context's reports; then the element is not to be used.
 */
export function buildElement(source: Statement, context: BuildContext): Element {
  const element = build(source, context);
  if (source.comments && source.comments.length > 0) {
    const target =
      source.kind === 'rsc_defaults' || source.kind === 'op_defaults' ? element.elements()[0]! : element;
    target.children.unshift(...source.comments.map((text) => ({ kind: 'comment' as const, text })));
  }
  return element;
}

function build(source: Statement, context: BuildContext): Element {
  switch (source.kind) {
    case 'node':
      return make(
        'node',
        { id: source.id, uname: source.uname, type: source.type, description: source.description },
        source.sets.map((one) => set(one, context)),
      );
    case 'primitive':
    case 'rsc_template':
      return primitive(source, context);
    case 'group':
    case 'clone':
    case 'ms':
      return collection(source, context);
    case 'bundle':
      return bundle(source, context);
    case 'location':
      return location(source, context);
    case 'colocation':
      return colocation(source, context);
    case 'order':
      return order(source, context);
    case 'rsc_ticket':
      return ticketConstraint(source, context);
    case 'property':
    case 'rsc_defaults':
    case 'op_defaults':
      return propertySet(source, context);
    case 'fencing_topology':
      return fencingTopology(source, context);
    case 'tag':
      return make(
        'tag',
        { id: source.id },
        source.members.map((id) => make('obj_ref', { id })),
      );
    case 'role':
    case 'user':
      return aclRole(source, context);
    case 'acl_target':
    case 'acl_group':
      return make(
        source.kind,
        { id: source.id },
        source.roles.map((id) => make('role', { id })),
      );
    case 'alert':
      return alert(source, context);
    case 'monitor':
      return monitorOperation(source, context);
    case 'xml':
      return xmlElement(source.text, context);
  }
}

function xmlElement(text: string, context: BuildContext): Element {
  try {
    const element = parseXml(text);
    for (const each of element.descendants()) if (each.name === 'crmsh-ref') each.name = CHILD_REFERENCE;
    if (STATEMENT_OF_ELEMENT[element.name] === undefined) {
      context.reports.error('xml-element', `Element ${element.name} not recognized`);
    }
    return element;
  } catch (error) {
    if (!(error instanceof XmlError)) throw error;
    const { line, column } = error.position;
    context.reports.error('xml', `Cannot parse XML data: ${error.message} (line ${line}, column ${column})`);
    return make('xml');
  }
}
