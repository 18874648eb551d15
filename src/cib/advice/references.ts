import type { Element } from '../element.js';
import type { Findings } from './finding.js';

const HOLDERS: ReadonlySet<string> = new Set(['primitive', 'group', 'clone', 'master', 'bundle', 'template']);

/** What refers to something that is not there, or to something of another kind; constraints aside. */
export function adviseOnReferences(configuration: Element, findings: Findings): void {
  const byId = new Map<string, Element>();
  for (const element of configuration.descendants()) {
    const id = element.attributes.get('id');
    if (id !== undefined && !/^(?:obj_ref|resource_ref|role|role_ref)$/.test(element.name)) {
      if (!byId.has(id)) byId.set(id, element);
    }
  }
  const nodes = new Set(
    (configuration.first('nodes')?.elements('node') ?? []).flatMap((node) => [
      node.id,
      node.get('uname') ?? '',
    ]),
  );
  for (const element of configuration.descendants()) adviseOnElement(element, byId, nodes, findings);
}

function adviseOnElement(
  element: Element,
  byId: ReadonlyMap<string, Element>,
  nodes: ReadonlySet<string>,
  findings: Findings,
): void {
  const dangling = (what: string) => findings.add('error', 'dangling-reference', element, what);
  const reference = element.get('id-ref');
  if (reference !== undefined) {
    const target = byId.get(reference);
    if (!target) dangling(`<${element.name} id-ref="${reference}"> refers to nothing`);
    else if (target.name !== element.name) {
      dangling(`<${element.name} id-ref="${reference}"> refers to a <${target.name}>`);
    } else if (target.get('id-ref') !== undefined) {
      findings.add(
        'error',
        'circular-reference',
        element,
        `<${element.name} id-ref="${reference}"> refers to something that is a reference itself`,
      );
    }
  }
  if (element.name === 'primitive' && element.get('template') !== undefined) {
    const name = element.get('template')!;
    if (byId.get(name)?.name !== 'template') {
      dangling(`${element.id} is made from ${name}, which is no template`);
    }
  }
  if (element.name === 'tag') {
    for (const member of element.elements('obj_ref')) {
      if (member.id === element.id) {
        findings.add('error', 'circular-reference', element, `the tag ${element.id} names itself`);
      } else if (!byId.has(member.id))
        dangling(`the tag ${element.id} names ${member.id}, which is not there`);
    }
  }
  if (element.name === 'fencing-level') {
    for (const device of (element.get('devices') ?? '').split(',')) {
      const found = byId.get(device.trim());
      if (!found) dangling(`${element.id} names the fence device ${device}, which is not there`);
      else if (HOLDERS.has(found.name) && found.get('class') !== 'stonith' && !found.get('template')) {
        dangling(`${element.id} names ${device}, which is no fence device`);
      }
    }
    const target = element.get('target');
    if (target !== undefined && !nodes.has(target) && !byId.has(target)) {
      findings.add(
        'warning',
        'unknown-node',
        element,
        `${element.id} is for ${target}, which is no node (yet)`,
      );
    }
  }
  if (element.name === 'acl_target' || element.name === 'acl_group') {
    for (const role of element.elements('role')) {
      if (byId.get(role.id)?.name !== 'acl_role') {
        dangling(`${element.id} has the role ${role.id}, which is not there`);
      }
    }
  }
  const target = element.name === 'acl_permission' ? element.get('reference') : undefined;
  if (target !== undefined && !byId.has(target))
    dangling(`${element.id} is about ${target}, which is not there`);
}
