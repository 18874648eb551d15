import { Element, type Node } from '../element.js';
import type { UpgradeRemark } from './upgrade-options.js';

/** Brings ACLs of schema 1.3 and before (`acl_user`, `read`, `write`, `deny`) to the form of 2.0. */
export function upgradeAcls(cib: Element): UpgradeRemark[] {
  const acls = cib.at('configuration', 'acls');
  if (!acls) return [];
  const remarks = [...acls.descendants()].flatMap(remarksOn);
  acls.children = acls.children.flatMap((child): Node[] => {
    if (child.kind !== 'element') return [child];
    if (child.name === 'acl_user') return user(child);
    return [new Element(child.name, child.attributes, child.children.map(permission), child.position)];
  });
  return remarks;
}

/** What is lost in translation. */
function remarksOn(permission: Element): UpgradeRemark[] {
  if (!OLD_KINDS.includes(permission.name) || permission.get('attribute') === undefined) return [];
  const remark = (text: string): UpgradeRemark[] => [{ severity: undefined, text: `ACLs: ${text}` }];
  const generalized = 'handling generalized a bit for upgrade-1.3.xsl purposes';
  if (permission.get('ref') !== undefined) {
    return remark('@attribute cannot accompany @ref for upgrade-1.3.xsl purposes, ignoring');
  }
  return remark(`@attribute (with @${permission.get('tag') === undefined ? 'xpath' : 'tag'}) ${generalized}`);
}

const OLD_KINDS = ['read', 'write', 'deny'];

function user(entry: Element): Element[] {
  const target = new Element('acl_target', entry.attributes, [], entry.position);
  if (entry.first('role_ref')) {
    target.children = entry.children.map((child) =>
      child.kind === 'element' && child.name === 'role_ref' ? new Element('role', child.attributes) : child,
    );
    return [target];
  }
  const own = entry.elements().filter(({ name }) => OLD_KINDS.includes(name));
  if (own.length === 0) return [target];
  const id = `auto-${entry.id}`;
  target.append(new Element('role', { id }));
  return [target, new Element('acl_role', { id }, own.map(permission))];
}

/** A text stays as it is, an old permission becomes an `acl_permission`. */
function permission(child: Node): Node {
  if (child.kind !== 'element' || !OLD_KINDS.includes(child.name)) return child;
  const made = new Element('acl_permission', { id: child.id, kind: child.name }, [], child.position);
  const [ref, tag, attribute] = [child.get('ref'), child.get('tag'), child.get('attribute')];
  if (ref !== undefined) {
    made.set('reference', ref);
  } else if (tag !== undefined) {
    made.set('object-type', tag).set('attribute', attribute);
  } else {
    const xpath = child.get('xpath') ?? '';
    made.set('xpath', attribute === undefined ? xpath : `${xpath}[@${attribute}]`);
  }
  return made;
}
