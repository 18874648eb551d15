import { WrongUsage } from '../../grammar/pcs/mistake.js';
import { isTrue } from '../cib/boolean.js';
import { Element } from '../cib/element.js';
import { newId } from './checks.js';
import { type Environment, sectionOf } from './environment.js';
import { configuredProperties, set as setProperty } from './property.js';
import { error, type Finding } from './refusal.js';
import { absence, elementsWithId, idExists, uniqueId } from './tree.js';

/** `pcs acl ...` */

interface Permission {
  readonly kind: string;
  readonly scope: string;
  readonly value: string;
}

/** `(read|write|deny) (xpath QUERY | id ID)` ... */
function readPermissions(words: readonly string[]): Permission[] {
  if (words.length % 3 !== 0) throw new WrongUsage();
  const permissions: Permission[] = [];
  for (let at = 0; at < words.length; at += 3) {
    const kind = words[at]!.toLowerCase();
    const scope = words[at + 1]!.toLowerCase();
    if (!['read', 'write', 'deny'].includes(kind) || !['xpath', 'id'].includes(scope)) throw new WrongUsage();
    permissions.push({ kind, scope, value: words[at + 2]! });
  }
  return permissions;
}

function checkScopes(cib: Element, permissions: readonly Permission[]): Finding[] {
  return permissions
    .filter(({ scope, value }) => scope === 'id' && !idExists(cib, value))
    .map(({ value }) => error(`id '${value}' does not exist`));
}

function addPermissions(cib: Element, role: Element, permissions: readonly Permission[]): void {
  for (const { kind, scope, value } of permissions) {
    const id = uniqueId(cib, `${role.id}-${kind}`);
    role.append(new Element('acl_permission', { id, kind, [scope === 'id' ? 'reference' : 'xpath']: value }));
  }
}

function find(environment: Environment, section: Element, cib: Element, tag: string, id: string): Element {
  const found = section.elements(tag).find((element) => element.id === id);
  if (!found) environment.fail(absence(cib, id, [tag]));
  return found;
}

async function aclsOf(environment: Environment): Promise<{ cib: Element; section: Element }> {
  const cib = await environment.cib();
  return { cib, section: sectionOf(cib, 'acls') };
}

export async function show(environment: Environment, words: string[]): Promise<void> {
  if (words.length > 0) throw new WrongUsage();
  const cib = await environment.cib();
  const enabled = isTrue(configuredProperties(cib).get('enable-acl'));
  environment.print(enabled ? 'ACLs are enabled' : "ACLs are disabled, run 'pcs acl enable' to enable");
  environment.print('');
  const section = cib.at('configuration', 'acls');
  const lines: string[] = [];
  for (const [tag, name] of [
    ['acl_target', 'User'],
    ['acl_group', 'Group'],
  ] as const) {
    for (const element of section?.elements(tag) ?? []) {
      const roles = element.elements('role').map(({ id }) => id);
      lines.push(`${name}: ${element.id}`, `  ${['Roles:', ...roles].join(' ')}`);
    }
  }
  for (const role of section?.elements('acl_role') ?? []) {
    lines.push(`Role: ${role.id}`);
    const description = role.get('description');
    if (description) lines.push(`  Description: ${description}`);
    for (const permission of role.elements('acl_permission')) {
      const xpath = permission.get('xpath');
      const reference = permission.get('reference');
      const scope = xpath !== undefined ? ['xpath', xpath] : reference !== undefined ? ['id', reference] : [];
      lines.push(
        `  ${['Permission:', permission.get('kind') ?? '', ...scope, `(${permission.id})`].join(' ')}`,
      );
    }
  }
  for (const line of lines) environment.print(line);
}

export const enableAcls = (on: boolean) => async (environment: Environment, words: string[]) => {
  if (words.length > 0) throw new WrongUsage();
  await setProperty(environment, [`enable-acl=${on}`]);
};

export async function createRole(environment: Environment, words: string[]): Promise<void> {
  const [id, ...rest] = words;
  if (id === undefined) throw new WrongUsage();
  const description = /^description=(.+)$/s.exec(rest[0] ?? '')?.[1];
  const permissions = readPermissions(description === undefined ? rest : rest.slice(1));
  const { cib, section } = await aclsOf(environment);
  environment.stopOn(...checkScopes(cib, permissions));
  environment.stopOn(...newId(cib, id, 'ACL role').slice(0, 1));
  const role = section.append(
    new Element('acl_role', { id, ...(description === undefined ? {} : { description }) }),
  );
  addPermissions(cib, role, permissions);
  await environment.push();
}

export async function removeRole(environment: Environment, words: string[]): Promise<void> {
  const [id, more] = words;
  if (id === undefined || more !== undefined) throw new WrongUsage();
  const { cib, section } = await aclsOf(environment);
  section.remove(find(environment, section, cib, 'acl_role', id));
  for (const owner of section.elements()) {
    const references = owner.elements('role').filter((role) => role.id === id);
    for (const reference of references) owner.remove(reference);
    if (references.length > 0 && environment.has('--autodelete') && !owner.first('role'))
      section.remove(owner);
  }
  await environment.push();
}

const ASSIGNABLE: Readonly<Record<string, readonly string[]>> = {
  user: ['acl_target'],
  group: ['acl_group'],
};

/** `ROLE [to|from] [user|group] NAME` */
function readAssignment(
  words: readonly string[],
  keyword: string,
): { role: string; name: string; tags: readonly string[] } {
  const both = ['acl_target', 'acl_group'];
  const [role, second, third, fourth] = words;
  if (role === undefined || second === undefined || words.length > 4) throw new WrongUsage();
  if (third === undefined) return { role, name: second, tags: both };
  if (fourth === undefined) {
    if (second === keyword) return { role, name: third, tags: both };
    const tags = ASSIGNABLE[second];
    if (!tags) throw new WrongUsage();
    return { role, name: third, tags };
  }
  const tags = ASSIGNABLE[third];
  if (second !== keyword || !tags) throw new WrongUsage();
  return { role, name: fourth, tags };
}

function owner(
  environment: Environment,
  cib: Element,
  section: Element,
  name: string,
  tags: readonly string[],
): Element {
  // A group is found only where it is called one: without that, pcs asks for a user of the name.
  const expected = tags[0]!;
  const found = section.elements(expected).find((element) => element.id === name);
  if (found) return found;
  const [other] = elementsWithId(cib, name);
  environment.fail(absence(cib, name, other ? [expected] : tags));
}

function assign(cib: Element, section: Element, role: string, to: Element): Finding[] {
  const found = section.elements('acl_role').find((element) => element.id === role);
  if (!found) return [error(absence(cib, role, ['acl_role']))];
  if (to.elements('role').some(({ id }) => id === role)) {
    return [error(`Role '${role}' is already assigned to '${to.id}'`)];
  }
  to.append(new Element('role', { id: role }));
  return [];
}

export async function assignRole(environment: Environment, words: string[]): Promise<void> {
  const { role, name, tags } = readAssignment(words, 'to');
  const { cib, section } = await aclsOf(environment);
  environment.stopOn(...assign(cib, section, role, owner(environment, cib, section, name, tags)));
  await environment.push();
}

export async function unassignRole(environment: Environment, words: string[]): Promise<void> {
  const { role, name, tags } = readAssignment(words, 'from');
  const { cib, section } = await aclsOf(environment);
  const from = owner(environment, cib, section, name, tags);
  const references = from.elements('role').filter(({ id }) => id === role);
  if (references.length === 0) environment.fail(`Role '${role}' is not assigned to '${name}'`);
  for (const reference of references) from.remove(reference);
  if (environment.has('--autodelete') && !from.first('role')) section.remove(from);
  await environment.push();
}

export const createOwner =
  (tag: 'acl_target' | 'acl_group') => async (environment: Environment, words: string[]) => {
    const [id, ...roles] = words;
    if (id === undefined) throw new WrongUsage();
    const { cib, section } = await aclsOf(environment);
    if (tag === 'acl_target') {
      if (section.elements(tag).some((element) => element.id === id))
        environment.fail(`'${id}' already exists`);
    } else environment.stopOn(...newId(cib, id, 'ACL group').slice(0, 1));
    const made = section.append(new Element(tag, { id }));
    environment.stopOn(...roles.flatMap((role) => assign(cib, section, role, made)));
    await environment.push();
  };

export const removeOwner =
  (tag: 'acl_target' | 'acl_group') => async (environment: Environment, words: string[]) => {
    const [id, more] = words;
    if (id === undefined || more !== undefined) throw new WrongUsage();
    const { cib, section } = await aclsOf(environment);
    section.remove(find(environment, section, cib, tag, id));
    await environment.push();
  };

export async function addPermission(environment: Environment, words: string[]): Promise<void> {
  const [id, ...rest] = words;
  if (id === undefined || rest.length < 3) throw new WrongUsage();
  const permissions = readPermissions(rest);
  const { cib, section } = await aclsOf(environment);
  environment.stopOn(...checkScopes(cib, permissions));
  let role = section.elements('acl_role').find((element) => element.id === id);
  if (!role) {
    const [other] = elementsWithId(cib, id);
    if (other) environment.fail(absence(cib, id, ['acl_role']));
    environment.stopOn(...newId(cib, id, 'ACL role').slice(0, 1));
    role = section.append(new Element('acl_role', { id }));
  }
  addPermissions(cib, role, permissions);
  await environment.push();
}

export async function removePermission(environment: Environment, words: string[]): Promise<void> {
  const [id, more] = words;
  if (id === undefined || more !== undefined) throw new WrongUsage();
  const { cib, section } = await aclsOf(environment);
  for (const role of section.elements('acl_role')) {
    const permission = role.elements('acl_permission').find((element) => element.id === id);
    if (!permission) continue;
    role.remove(permission);
    return environment.push();
  }
  environment.fail(absence(cib, id, ['acl_permission']));
}
