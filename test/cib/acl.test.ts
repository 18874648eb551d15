import { describe, expect, test } from 'vitest';
import { accessOf, aclsApply, mayChange, permissionsOf, readable, type Subject } from '../../src/cib/acl.js';
import { fromEpoch } from '../../src/cib/civil-time.js';
import type { Element } from '../../src/cib/element.js';
import { parseXml, writeXml } from '../../src/cib/xml.js';

const NOW = fromEpoch(0);

function cib({ enabled = 'true', location = '', secret = 'x' } = {}): Element {
  return parseXml(`<cib epoch="1"><configuration>
    <crm_config><cluster_property_set id="o"><nvpair id="o-e" name="enable-acl" value="${enabled}"/></cluster_property_set></crm_config>
    <resources>
      <primitive id="p" type="Dummy"/>
      <primitive id="q" type="Dummy"><instance_attributes id="q-i"><nvpair id="q-s" name="passwd" value="${secret}"/></instance_attributes></primitive>
    </resources>
    <constraints>${location}</constraints>
    <acls>
      <acl_role id="reader"><acl_permission id="r1" kind="read" xpath="/cib"/></acl_role>
      <acl_role id="mover"><acl_permission id="m1" kind="read" xpath="/cib"/>
        <acl_permission id="m2" kind="write" xpath="//constraints"/></acl_role>
      <acl_role id="blind"><acl_permission id="b1" kind="read" xpath="/cib"/>
        <acl_permission id="b2" kind="deny" object-type="nvpair" reference="q-s"/></acl_role>
      <acl_role id="one"><acl_permission id="o1" kind="read" reference="p"/></acl_role>
      <acl_role id="broken"><acl_permission id="x1" kind="write" xpath="//["/></acl_role>
      <acl_target id="ann"><role id="reader"/></acl_target>
      <acl_target id="ben"><role id="mover"/></acl_target>
      <acl_target id="cat"><role id="blind"/></acl_target>
      <acl_target id="dan"><role id="one"/></acl_target>
      <acl_target id="eve"><role id="broken"/><role id="nosuch"/></acl_target>
      <acl_group id="staff"><role id="mover"/></acl_group>
    </acls>
  </configuration></cib>`);
}

const user = (name: string, ...groups: string[]): Subject => ({ user: name, groups });
const allowed = (name: Subject) => permissionsOf(cib(), name);
const LOCATION = '<rsc_location id="l" rsc="p" node="n" score="1"/>';

describe('whom ACLs concern', () => {
  test.each([
    ['ann', 'true', true],
    ['ann', 'false', false],
    ['root', 'true', false],
    ['hacluster', 'true', false],
    [undefined, 'true', false],
  ])('%s with enable-acl=%s: %s', (name, enabled, applies) => {
    expect(aclsApply(cib({ enabled }), name, NOW)).toBe(applies);
  });
});

describe('permissions', () => {
  test.each<[Subject, string[]]>([
    [user('ann'), ['read /cib']],
    [user('ben'), ['read /cib', 'write //constraints']],
    [user('cat'), ['read /cib', "deny //nvpair[@id='q-s']"]],
    [user('dan'), ["read //*[@id='p']"]],
    [user('zoe'), []],
    [user('zoe', 'staff'), ['read /cib', 'write //constraints']],
    [user('ann', 'staff'), ['read /cib', 'read /cib', 'write //constraints']],
  ])('of %j', (subject, expected) => {
    expect(allowed(subject).map(({ access, xpath }) => `${access} ${xpath}`)).toEqual(expected);
  });
});

describe('reading', () => {
  test('without a permission nothing is left', () => {
    expect(readable(cib(), allowed(user('zoe')))).toBeUndefined();
  });

  test('what may be read is whole, the original stays', () => {
    const before = cib();
    expect(writeXml(readable(before, allowed(user('ann')))!)).toBe(writeXml(before));
    expect(writeXml(before)).toBe(writeXml(cib()));
  });

  test('what is denied below something readable vanishes', () => {
    const text = writeXml(readable(cib(), allowed(user('cat')))!);
    expect(text).not.toContain('passwd');
    expect(text).toContain('id="q"');
  });

  test('above something readable only ids are left', () => {
    const seen = readable(cib(), allowed(user('dan')))!;
    expect(writeXml(seen, { indent: false })).toBe(
      '<cib><configuration><resources><primitive id="p" type="Dummy"/></resources></configuration></cib>',
    );
  });

  test('accessOf tells elements apart', () => {
    const document = cib();
    const access = accessOf(document, allowed(user('cat')));
    const kinds = new Map([...access].map(([element, kind]) => [element.get('id') ?? element.name, kind]));
    expect(kinds.get('cib')).toBe('read');
    expect(kinds.get('q-s')).toBe('deny');
  });
});

describe('changing', () => {
  test.each([
    ['ann', 'adds a constraint', cib(), cib({ location: LOCATION }), false],
    ['ben', 'adds a constraint', cib(), cib({ location: LOCATION }), true],
    ['ben', 'removes a constraint', cib({ location: LOCATION }), cib(), true],
    [
      'ben',
      'changes a constraint',
      cib({ location: LOCATION }),
      cib({ location: LOCATION.replace('"1"', '"2"') }),
      true,
    ],
    ['ben', 'changes a resource', cib(), cib({ secret: 'y' }), false],
    ['ben', 'switches ACLs off', cib(), cib({ enabled: 'false' }), false],
    ['ben', 'does both', cib(), cib({ location: LOCATION, secret: 'y' }), false],
    ['eve', 'has an XPath that cannot be read', cib(), cib({ location: LOCATION }), false],
    ['zoe', 'changes nothing', cib(), cib(), true],
    ['zoe', 'changes anything', cib(), cib({ secret: 'y' }), false],
  ])('%s %s', (name, _, before, after, expected) => {
    for (const wholesale of [false, true]) {
      expect(mayChange(before, after, allowed(user(name)), wholesale)).toBe(expected);
    }
  });
});
