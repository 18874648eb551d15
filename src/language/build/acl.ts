import type { Statement } from '../../../grammar/crm/ast.js';
import type { Element } from '../../cib/element.js';
import { expandAclShortcut, isAclShortcut } from '../acl.js';
import { type Attributes, type BuildContext, make } from './context.js';

const ACL_SPEC: Record<string, string> = {
  xpath: 'xpath',
  ref: 'reference',
  reference: 'reference',
  tag: 'object-type',
  type: 'object-type',
  attr: 'attribute',
  attribute: 'attribute',
};

export function aclRole(source: Statement & { kind: 'role' | 'user' }, context: BuildContext): Element {
  const old = !context.schema.aclPermissions || source.kind === 'user';
  const element = make(source.kind === 'user' ? 'acl_user' : 'acl_role', {
    id: source.id,
    description: source.description,
  });
  for (const id of source.roles) element.append(make('role_ref', { id }));
  for (const one of source.rules) {
    if (old) {
      const attributes: Attributes = {};
      for (const spec of one.specs) {
        const [name, value] = expandSpec(spec, context);
        attributes[name === 'reference' ? 'ref' : name === 'object-type' ? 'tag' : name] = value;
      }
      element.append(make(one.right, { id: one.id, ...attributes }));
      continue;
    }
    const specs: Attributes = {};
    for (const spec of one.specs) {
      const [name, value] = expandSpec(spec, context);
      specs[ACL_SPEC[name] ?? name] = value;
    }
    const permission = (attributes: Attributes) =>
      element.append(
        make('acl_permission', { kind: one.right, id: one.id, description: one.description, ...attributes }),
      );
    if (specs.xpath !== undefined) permission({ xpath: specs.xpath });
    if (specs.reference !== undefined) permission({ reference: specs.reference });
    const type = specs['object-type'];
    if (type !== undefined) permission({ 'object-type': type, attribute: specs.attribute });
    else if (specs.attribute !== undefined) {
      context.reports.error('acl-attribute', 'attribute is only valid in combination with tag/object-type');
    }
  }
  return element;
}

function expandSpec(spec: string, context: BuildContext): [string, string] {
  const at = spec.indexOf(':');
  const name = at < 0 ? spec : spec.slice(0, at);
  const value = at < 0 ? undefined : spec.slice(at + 1);
  if (isAclShortcut(name)) {
    const xpath = expandAclShortcut(name, value);
    if (xpath === undefined)
      context.reports.error('acl-shortcut', `Missing argument to ACL shortcut ${name}`);
    return ['xpath', xpath ?? ''];
  }
  if (value === undefined || value === '')
    context.reports.error('acl-spec', `Expected <type>:<spec>, found ${spec}`, spec);
  return [name, value ?? ''];
}
