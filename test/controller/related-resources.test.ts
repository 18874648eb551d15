import { expect, test } from 'vitest';
import { parseXml } from '../../src/cib/xml.js';
import { relatedTo } from '../../src/controller/related-resources.js';

const CIB = parseXml(`<cib><configuration><resources>
  <primitive id="alone"/><primitive id="ip"/><primitive id="app"/><primitive id="mail"/>
  <group id="g"><primitive id="fs"/><primitive id="db"/></group>
  <clone id="c"><primitive id="disk"/></clone>
</resources><constraints>
  <rsc_order id="o1" first="c" first-action="promote" then="g"/>
  <rsc_colocation id="c1"><resource_set id="s1"><resource_ref id="ip"/><resource_ref id="g"/></resource_set></rsc_colocation>
  <rsc_order id="o2" first="ip" then="app"/>
  <rsc_location id="l1" rsc="mail" node="n1" score="1"/>
</constraints></configuration></cib>`);

test.each([
  ['fs', ['app', 'c', 'db', 'disk', 'fs', 'g', 'ip']],
  ['disk:0', ['app', 'c', 'db', 'disk', 'fs', 'g', 'ip']],
  ['alone', ['alone']],
  ['mail', ['mail']],
])('what hangs together with %s', (resource, expected) => {
  expect([...relatedTo(CIB, resource)].sort()).toEqual(expected);
});
