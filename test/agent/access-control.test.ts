import { describe, expect, test } from 'vitest';
import { AccessControl } from '../../src/agent/access-control.js';
import type { Element } from '../../src/cib/element.js';
import { parseXml, writeXml } from '../../src/cib/xml.js';
import { Controller } from '../../src/controller/controller.js';
import type { ControllerEffect, RequestAnswer } from '../../src/controller/types.js';
import type { Identity, Method } from '../../src/protocol/messages.js';

const cib = (enabled: boolean): Element =>
  parseXml(`<cib validate-with="pacemaker-3.9" admin_epoch="0" epoch="5" num_updates="0"><configuration>
<crm_config><cluster_property_set id="o"><nvpair id="o-acl" name="enable-acl" value="${enabled}"/>
<nvpair id="o-ignore" name="no-quorum-policy" value="ignore"/></cluster_property_set></crm_config>
<nodes/><resources><primitive id="a" class="ocf" provider="heartbeat" type="Dummy" description="old"/>
<primitive id="secret" class="ocf" provider="heartbeat" type="Dummy"/></resources><constraints/>
<acls><acl_role id="ops"><acl_permission id="p1" kind="write" xpath="//primitive[@id='a']"/></acl_role>
<acl_role id="watch"><acl_permission id="p2" kind="read" xpath="/cib"/></acl_role>
<acl_target id="ann"><role id="ops"/></acl_target><acl_group id="watchers"><role id="watch"/></acl_group></acls>
</configuration><status/></cib>`);

const root: Identity = { user: 'root', uid: 0, origin: 'local' };
const ann: Identity = { user: 'ann', uid: 1001, origin: 'local', groups: ['haclient'] };
const bob: Identity = { user: 'bob', uid: 1002, origin: 'local', groups: ['haclient', 'watchers'] };
const eve: Identity = { user: 'eve', uid: 1003, origin: 'local', groups: ['users'] };

describe('at the agent', () => {
  const control = (enabled: boolean) => {
    const document = cib(enabled);
    return new AccessControl(
      () => document,
      () => 0,
    );
  };

  test.each<[string, Identity, Method, boolean, boolean]>([
    // who, method, allowed without ACLs, and with them
    ['root', root, 'agent.stop', true, true],
    ['one with a role', ann, 'cib.read', true, true],
    ['one with a role', ann, 'cib.patch', true, true],
    ['one with a role', ann, 'agent.stop', true, false],
    ['one with a role', ann, 'history.events', true, false],
    ['one who may read all', bob, 'history.events', true, true],
    ['one who may read all', bob, 'node.fence', true, false],
    ['one who is not in haclient', eve, 'cib.read', false, false],
    ['one who is not in haclient', eve, 'cluster.state', false, false],
  ])('%s: %o asks for %s', (_, identity, method, without, withThem) => {
    expect(control(false).authorize(identity, method) === null).toBe(without);
    expect(control(true).authorize(identity, method) === null).toBe(withThem);
  });

  test('a user sees of the CIB what he may read, also in notifications', () => {
    const access = control(true);
    const text = writeXml(access.readable(ann)!, { indent: false });
    expect(text).toContain('id="a"');
    expect(text).not.toContain('secret');
    const told = access.visible(
      { notify: 'cib', version: { adminEpoch: 0, epoch: 5, numUpdates: 0 }, patch: '<diff>secret</diff>' },
      ann,
    );
    expect(JSON.stringify(told)).not.toContain('secret');
    expect(JSON.stringify(told)).toContain('id=\\"a\\"');
    expect(writeXml(access.readable(bob)!, { indent: false })).toContain('secret');
    expect(access.readable({ ...ann, user: 'nobody' })).toBeNull();
    expect(control(false).readable(ann)!.at('configuration', 'resources')!.elements()).toHaveLength(2);
  });
});

describe('at the DC', () => {
  /** A cluster of one node, whose disk and executor are always done; the answer to a patch of one attribute. */
  function patched(identity: Identity, primitive: string): RequestAnswer {
    const controller = new Controller(
      {
        self: 1,
        clusterName: 'test',
        nodes: [{ node: 1, name: 'n1', arbiter: false }],
        version: 'test',
        unfencedGraceMs: 0,
        tokenMs: 1000,
        uuid: 'u',
      },
      () => ({ graph: { synapses: [] } as never, messages: [] }),
    );
    const quorum = {
      quorate: true,
      expectedVotes: 1,
      totalVotes: 1,
      quorum: 1,
      flags: [],
      waitingForAll: false,
    };
    const view = { id: { epoch: 1, coordinator: 1 }, members: [{ node: 1, boot: 'b' }], quorum };
    const answers: RequestAnswer[] = [];
    let sequence = 0;
    const perform = (effects: readonly ControllerEffect[]): void => {
      for (const effect of effects) {
        if (effect.kind === 'reply') answers.push(effect.answer);
        else if (effect.kind === 'direct') {
          perform(
            controller.step({ kind: 'direct', nowMs: 0, view: view.id, from: 1, payload: effect.payload }),
          );
        } else if (effect.kind === 'broadcast') {
          const message = {
            sequence: ++sequence,
            origin: 1,
            originSequence: sequence,
            payload: effect.payload,
          };
          perform(controller.step({ kind: 'ordered', nowMs: 0, view: view.id, message }));
        } else if (effect.kind === 'store') {
          perform(controller.step({ kind: 'stored', nowMs: 0, write: effect.write }));
        }
      }
    };
    perform(controller.step({ kind: 'start', nowMs: 0, cib: writeXml(cib(true)), lineage: null }));
    perform(controller.step({ kind: 'executor', nowMs: 0, history: [], underWay: [], lastCallId: 0 }));
    perform(controller.step({ kind: 'view', nowMs: 0, view, previous: null, continuing: [1], lost: [] }));
    perform(controller.step({ kind: 'active', nowMs: 0, active: true }));
    const patch = `<diff format="2"><change operation="modify" path="/cib/configuration/resources/primitive[@id='${primitive}']">
<change-list><change-attr name="description" operation="set" value="new"/></change-list>
<change-result><primitive id="${primitive}" class="ocf" provider="heartbeat" type="Dummy" description="new"/></change-result></change></diff>`;
    const request = {
      kind: 'patch',
      patch,
      base: controller.version,
      force: false,
      command: 'test',
    } as const;
    perform(controller.step({ kind: 'request', nowMs: 0, id: 'q', request, identity }));
    expect(answers).toHaveLength(1);
    return answers[0]!;
  }

  test.each<[string, Identity, string, boolean]>([
    ['root changes anything', root, 'secret', true],
    ['one with write access to a primitive changes that', ann, 'a', true],
    ['and no other', ann, 'secret', false],
    ['one who may only read changes nothing', bob, 'a', false],
  ])('%s', (_, identity, primitive, allowed) => {
    const answer = patched(identity, primitive);
    if (allowed) expect(answer).toMatchObject({ ok: true });
    else expect(answer).toMatchObject({ ok: false, error: { code: 'permission-denied' } });
  });
});
