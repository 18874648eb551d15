/** Who sees and changes what, once ACLs are on. */
import { describe, expect, test } from 'vitest';
import { parseXml, writeXml } from '../../src/cib/xml.js';
import { changeRefusal, isLimited, visibleTo } from '../../src/controller/access.js';
import type { Identity } from '../../src/protocol/messages.js';

const document = (enabled: string) =>
  parseXml(`<cib validate-with="pacemaker-3.9" epoch="1" num_updates="0" admin_epoch="0"><configuration>
<crm_config><cluster_property_set id="o"><nvpair id="o-a" name="enable-acl" value="${enabled}"/></cluster_property_set></crm_config>
<nodes><node id="1" uname="n1"/></nodes>
<resources><primitive id="db" class="ocf" provider="heartbeat" type="Dummy">
<instance_attributes id="p"><nvpair id="p-s" name="passwd" value="secret"/></instance_attributes></primitive></resources>
<constraints/>
<acls><acl_role id="look"><acl_permission id="l1" kind="read" xpath="//nodes"/></acl_role>
<acl_role id="place"><acl_permission id="w1" kind="write" xpath="//constraints"/><acl_permission id="w2" kind="read" xpath="/cib"/></acl_role>
<acl_target id="ann"><role id="look"/></acl_target><acl_group id="ops"><role id="place"/></acl_group></acls>
</configuration><status/></cib>`);

const who = (user: string, more: Partial<Identity> = {}): Identity => ({
  user,
  uid: 1001,
  origin: 'local',
  groups: [],
  ...more,
});

test.each([
  ['an ordinary user', who('ann'), true],
  ['root', { user: 'root', uid: 0, origin: 'local' }, false],
  ['hacluster', who('hacluster'), false],
  ['the account of the agent', { user: 'ann', uid: 1001, origin: 'local' }, false],
])('%s', (_what, identity, limited) => {
  expect(isLimited(document('true'), identity, 0)).toBe(limited);
  expect(isLimited(document('false'), identity, 0)).toBe(false);
});

describe('reading', () => {
  test('shows what a role shows, and no more', () => {
    const shown = visibleTo(document('true'), who('ann'), 0);
    expect(shown && writeXml(shown)).toContain('uname="n1"');
    expect(shown && writeXml(shown)).not.toMatch(/secret|Dummy|enable-acl/);
  });
  test('shows nothing to whom nobody has given anything', () => {
    expect(visibleTo(document('true'), who('eve'), 0)).toBeNull();
  });
  test('a group is looked for among those of the person', () => {
    expect(visibleTo(document('true'), who('bob', { groups: ['ops'] }), 0)).not.toBeNull();
    expect(visibleTo(document('true'), who('bob', { groups: ['dev'] }), 0)).toBeNull();
  });
});

test('writing needs a role that writes there', () => {
  const before = document('true');
  const after = before.clone();
  after
    .at('configuration', 'constraints')!
    .append(parseXml('<rsc_location id="l" rsc="db" node="n1" score="5"/>'));
  const bob = who('bob', { groups: ['ops'] });
  expect(changeRefusal(before, after, bob, 0, false)).toBeNull();
  expect(changeRefusal(before, after, who('ann'), 0, false)).toBe(
    'the ACLs of this cluster do not let ann make this change',
  );
  after.at('configuration', 'nodes')!.elements('node')[0]!.set('uname', 'n9');
  expect(changeRefusal(before, after, bob, 0, false)).not.toBeNull();
});
