import { describe, expect, it } from 'vitest';
import { parseXml } from '../../src/cib/xml.js';
import { type AlertEvent, alertRuns, readAlerts } from '../../src/executor/alerts.js';
import { formatTime } from '../../src/executor/time-format.js';
import type { OperationResult } from '../../src/executor/types.js';

const AT = Date.UTC(2024, 1, 3, 4, 5, 6, 78);

function alerts(xml: string) {
  return readAlerts(parseXml(`<cib><configuration><alerts>${xml}</alerts></configuration></cib>`));
}

const run = (xml: string, event: AlertEvent) => alertRuns(alerts(xml), event, 3, AT);

const lost: AlertEvent = { kind: 'node', node: 'n1', nodeId: 1, state: 'lost' };

function operation(more: Partial<OperationResult> = {}): AlertEvent {
  const result: OperationResult = {
    callId: 5,
    key: 'web_monitor_10000',
    resource: 'web',
    agent: { class: 'ocf', provider: 'heartbeat', type: 'nginx' },
    operation: 'monitor',
    intervalMs: 10_000,
    status: 'done',
    rc: 7,
    exitReason: '',
    output: '',
    userData: '',
    parameters: {},
    startedAtMs: 0,
    lastChangeAtMs: 0,
    execTimeMs: 31,
    queueTimeMs: 0,
    ...more,
  };
  return { kind: 'resource', node: 'n2', result, expectedRc: 0 };
}

describe('alerts', () => {
  it('tell about nodes, fencing and resources, not about attributes, unless selected', () => {
    const plain = '<alert id="a" path="/a"/>';
    expect(run(plain, lost)).toMatchObject([{ id: 'a', path: '/a', timeoutMs: 30_000 }]);
    expect(run(plain, operation())).toHaveLength(1);
    const attribute: AlertEvent = { kind: 'attribute', node: 'n1', nodeId: 1, name: 'ping', value: '1' };
    expect(run(plain, attribute)).toEqual([]);
    const select = (inner: string) => `<alert id="a" path="/a"><select>${inner}</select></alert>`;
    expect(run(select('<select_nodes/>'), operation())).toEqual([]);
    expect(run(select('<select_attributes/>'), attribute)).toHaveLength(1);
    const named = select('<select_attributes><attribute id="x" name="other"/></select_attributes>');
    expect(run(named, attribute)).toEqual([]);
  });

  it('go to each recipient, whose settings add to those of the alert', () => {
    const runs = run(
      `<alert id="a" path="/a">
        <meta_attributes id="m"><nvpair id="m1" name="timeout" value="10s"/><nvpair id="m2" name="timestamp-format" value="%s"/></meta_attributes>
        <instance_attributes id="i"><nvpair id="i1" name="from" value="x"/><nvpair id="i2" name="to" value="y"/></instance_attributes>
        <recipient id="r1" value="ann@example.org"/>
        <recipient id="r2" value="/tmp/log">
          <meta_attributes id="rm"><nvpair id="rm1" name="timeout" value="5s"/></meta_attributes>
          <instance_attributes id="ri"><nvpair id="ri1" name="to" value="z"/></instance_attributes>
        </recipient>
      </alert>`,
      lost,
    );
    expect(
      runs.map(({ timeoutMs, environment: { CRM_alert_recipient, from, to, CRM_alert_timestamp } }) => [
        CRM_alert_recipient,
        timeoutMs,
        from,
        to,
        CRM_alert_timestamp,
      ]),
    ).toEqual([
      ['ann@example.org', 10_000, 'x', 'y', String(Math.floor(AT / 1000))],
      ['/tmp/log', 5000, 'x', 'z', String(Math.floor(AT / 1000))],
    ]);
  });

  it('have the variables of Pacemaker, under the present and the old names', () => {
    const [{ environment } = { environment: {} }] = run('<alert id="a" path="/a"/>', operation());
    const names = Object.keys(environment).filter((name) => name.startsWith('CRM_alert_'));
    expect(names.every((name) => name.replace('alert', 'notify') in environment)).toBe(true);
    expect(environment).toMatchObject({
      CRM_alert_kind: 'resource',
      CRM_alert_version: '2.1.5',
      CRM_alert_node: 'n2',
      CRM_alert_node_sequence: '3',
      CRM_alert_rsc: 'web',
      CRM_alert_task: 'monitor',
      CRM_alert_interval: '10000',
      CRM_alert_desc: 'not running',
      CRM_alert_rc: '7',
      CRM_alert_target_rc: '0',
      CRM_alert_status: '0',
      CRM_alert_exec_time: '31',
      CRM_alert_timestamp_epoch: String(Math.floor(AT / 1000)),
      CRM_alert_timestamp_usec: '078000',
    });
    expect(environment).not.toHaveProperty('CRM_alert_recipient');
    const [fencing] = run('<alert id="a" path="/a"/>', {
      kind: 'fencing',
      target: 'n1',
      action: 'reboot',
      description: 'Operation reboot of n1 by n2 for crmd@n2: OK',
      rc: 0,
    });
    expect(fencing!.environment).toMatchObject({
      CRM_alert_kind: 'fencing',
      CRM_alert_node: 'n1',
      CRM_alert_task: 'reboot',
      CRM_alert_rc: '0',
    });
  });

  it('say nothing of a probe that found what was expected', () => {
    const plain = '<alert id="a" path="/a"/>';
    expect(run(plain, operation({ intervalMs: 0, rc: 0 }))).toEqual([]);
    expect(run(plain, operation({ intervalMs: 0, rc: 7 }))).toHaveLength(1);
    expect(run(plain, operation({ status: 'timeout', rc: 1 }))[0]!.environment.CRM_alert_desc).toBe(
      'Timed Out',
    );
  });
});

describe('timestamps', () => {
  it.each([
    ['%Y-%m-%d', /^2024-02-0[34]$/],
    ['%H:%M:%S.%06N', /^\d\d:\d\d:06\.078000$/],
    ['%N|%3N|%09N', /^078000000\|078\|078000000$/],
    ['%a %b %e %j %y %%', /^(Sat|Fri|Sun) Feb +\d 03[345] 24 %$/],
    ['%s %Q', /^1706933106 %Q$/],
    ['%z', /^[+-]\d{4}$/],
  ])('%s', (format, expected) => {
    expect(formatTime(format, AT)).toMatch(expected);
  });
});
