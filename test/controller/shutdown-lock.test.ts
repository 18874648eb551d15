/** What waits for a node that was shut down (`shutdown-lock`) stays in the document while the node is away. */
import { expect, test } from 'vitest';
import { parseXml, writeXml } from '../../src/cib/xml.js';
import { applyEdits, withLocked } from '../../src/controller/edits.js';

const EMPTY = '<cib><status><node_state id="1" uname="n1"/></status></cib>';
const stopped = (resource: string, shutdownLock?: number) =>
  ({
    kind: 'history',
    node: '1',
    name: 'n1',
    resource: { id: resource, class: 'ocf', provider: 'heartbeat', type: 'Dummy' },
    entries: [`<lrm_rsc_op id="${resource}_last_0" operation="stop"/>`],
    removed: [],
    ...(shutdownLock === undefined ? {} : { shutdownLock }),
  }) as const;
const entry = (resource: string, lock = '') =>
  `<lrm_resource id="${resource}" type="Dummy" class="ocf" provider="heartbeat"${lock}><lrm_rsc_op id="${resource}_last_0" operation="stop"/></lrm_resource>`;
const node = (lrm: string) => `<cib><status><node_state id="1" uname="n1">${lrm}</node_state></status></cib>`;
const lrm = (...entries: string[]) => `<lrm id="1"><lrm_resources>${entries.join('')}</lrm_resources></lrm>`;
const show = (cib: ReturnType<typeof parseXml>) => writeXml(cib, { indent: false });

test('a stop for a shutdown locks, the next operation without a lock lets go', () => {
  const cib = parseXml(EMPTY);
  applyEdits(cib, [stopped('a', 1700000000), stopped('b')]);
  expect(show(cib)).toBe(node(lrm(entry('a', ' shutdown-lock="1700000000"'), entry('b'))));
  applyEdits(cib, [stopped('a')]);
  expect(show(cib)).toBe(node(lrm(entry('a'), entry('b'))));
});

test('of a node that has left in good order only what waits for it is kept, of one that was fenced nothing', () => {
  const cib = parseXml(EMPTY);
  applyEdits(cib, [stopped('a', 1700000000), stopped('b'), { kind: 'erase', node: '1', keepsLocked: true }]);
  expect(show(cib)).toBe(node(lrm(entry('a', ' shutdown-lock="1700000000"'))));
  applyEdits(cib, [{ kind: 'erase', node: '1' }]);
  expect(show(cib)).toBe(EMPTY);
});

test('a node that comes back has what waited for it in its history', () => {
  const waiting = entry('a', ' shutdown-lock="1700000000"');
  const before = parseXml(lrm(waiting, entry('b')));
  expect(withLocked(before, lrm())).toBe(lrm(waiting));
  expect(withLocked(before, lrm(entry('a')))).toBe(lrm(waiting));
  expect(withLocked(undefined, lrm(entry('b')))).toBe(lrm(entry('b')));
});
