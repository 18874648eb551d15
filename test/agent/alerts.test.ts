import { expect, it } from 'vitest';
import { AlertHost } from '../../src/agent/alerts.js';
import { parseXml } from '../../src/cib/xml.js';
import type { OperationResult } from '../../src/executor/types.js';

const CIB = `<cib><configuration><alerts>
  <alert id="all" path="/bin/all"><select><select_nodes/><select_fencing/><select_resources/><select_attributes/></select></alert>
  <alert id="bad" path="/bin/bad"><select><select_fencing/></select></alert>
</alerts></configuration></cib>`;

const RESULT: OperationResult = {
  callId: 1,
  key: 'r_monitor_0',
  resource: 'r',
  agent: { class: 'ocf', provider: 'heartbeat', type: 'Dummy' },
  operation: 'monitor',
  intervalMs: 0,
  status: 'done',
  rc: 7,
  exitReason: '',
  output: '',
  userData: JSON.stringify({ transitionKey: '3:4:7:1234', task: 'monitor', timeoutMs: 1, meta: {} }),
  parameters: {},
  startedAtMs: 0,
  lastChangeAtMs: 0,
  execTimeMs: 1,
  queueTimeMs: 0,
};

it('alert agents are told of members, operations, fencing and attributes, and their failures are logged', async () => {
  const told: string[] = [];
  const log: string[] = [];
  const host = new AlertHost({
    localNode: 'n1',
    nodeId: (name) => Number(name.slice(1)),
    cib: () => parseXml(CIB),
    executor: () => ({
      alert: async (path, environment) => {
        const {
          CRM_alert_kind,
          CRM_alert_node,
          CRM_alert_desc,
          CRM_alert_node_sequence,
          CRM_alert_attribute_name,
        } = environment;
        told.push(
          [
            CRM_alert_node_sequence,
            path,
            CRM_alert_kind,
            CRM_alert_node,
            CRM_alert_desc ?? CRM_alert_attribute_name,
          ].join(' '),
        );
        return { status: 'done', rc: path === '/bin/bad' ? 3 : 0, exitReason: '', output: '' };
      },
    }),
    log: (text) => log.push(text),
  });
  const event = { atMs: 0, node: 'n1', text: '' };
  host.noted({ ...event, kind: 'joined', data: { node: 'n2' } });
  host.noted({ ...event, kind: 'lost', data: { node: 'n2' } });
  host.noted({ ...event, kind: 'attribute', data: { node: 'n2', name: 'pingd', value: null } });
  host.noted({ ...event, kind: 'transition', data: {} });
  host.executed(RESULT);
  host.executed({ ...RESULT, rc: 0 });
  host.executed({ ...RESULT, status: 'cancelled' });
  host.fenced({
    target: 'n2',
    action: 'reboot',
    origin: 'n1',
    delegate: 'n3',
    client: 'controller',
    state: 'success',
    completedAtMs: 5,
    reason: null,
  });
  await expect.poll(() => log).toHaveLength(1);
  expect(told).toEqual([
    '1 /bin/all node n2 member',
    '2 /bin/all node n2 lost',
    '3 /bin/all attribute n2 pingd',
    '4 /bin/all resource n1 ok',
    '5 /bin/all fencing n2 Operation reboot of n2 by n3 for controller@n1: OK',
    '6 /bin/bad fencing n2 Operation reboot of n2 by n3 for controller@n1: OK',
  ]);
  expect(log).toEqual(['bad (/bin/bad) failed: exit code 3']);
});
