import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { FencingHost, isFencingQuery } from '../../src/agent/fencing.js';
import { parseXml } from '../../src/cib/xml.js';
import { runChild } from '../../src/executor/child.js';
import { fenceAgentInput } from '../../src/executor/fence-agent.js';
import type { FenceAgentCall, RunResult } from '../../src/executor/types.js';
import type { FencingHistoryEntry } from '../../src/protocol/messages.js';

const METADATA =
  '<resource-agent><parameters><parameter name="port"/></parameters><actions><action name="off"/><action name="reboot"/><action name="on"/></actions></resource-agent>';

const CIB = `<cib><configuration>
  <crm_config/>
  <nodes><node id="1" uname="n1"/><node id="2" uname="n2"/><node id="3" uname="n3"/></nodes>
  <resources><primitive id="st" class="stonith" type="fence_x"><instance_attributes id="ia">
    <nvpair id="l" name="pcmk_host_list" value="n1 n2 n3"/><nvpair id="r" name="pcmk_off_retries" value="1"/>
    DELAY
  </instance_attributes></primitive></resources>
</configuration><status>
  <node_state id="3" uname="n3"><lrm id="3"><lrm_resources><lrm_resource id="st">
    <lrm_rsc_op id="st_start_0" operation="start" rc-code="0" call-id="4"/>
    <lrm_rsc_op id="st_monitor_0" operation="monitor" rc-code="7" call-id="2"/>
  </lrm_resource></lrm_resources></lrm></node_state>
</status></cib>`;

/** Hosts of three nodes that hear each other directly; `calls` is what their agents were told. */
class Cluster {
  readonly calls: string[] = [];
  readonly hosts = new Map<string, FencingHost>();
  members = ['n1', 'n2', 'n3'];
  /** What each host has on disk. */
  readonly kept: Map<string, readonly FencingHistoryEntry[]>;
  answer: (node: string, call: FenceAgentCall) => Promise<RunResult> | RunResult = () => ok;

  constructor(cib = CIB.replace('DELAY', ''), kept = new Map<string, readonly FencingHistoryEntry[]>()) {
    this.kept = kept;
    for (const localNode of ['n1', 'n2', 'n3']) {
      const host = new FencingHost({
        localNode,
        executor: () => ({
          fence: async (call) => {
            this.calls.push(`${localNode}: ${call.action} ${call.target?.parameter}=${call.target?.value}`);
            return this.answer(localNode, call);
          },
          metadata: async () => METADATA,
        }),
        members: () => this.members,
        cib: () => parseXml(cib),
        ask: async (node, query) => {
          expect(isFencingQuery(query)).toBe(true);
          // What crosses the network is data.
          const answer = await this.hosts.get(node)?.answer(JSON.parse(JSON.stringify(query)));
          return JSON.parse(JSON.stringify(answer ?? null));
        },
        watchdogFiresMs: null,
        fenceSelf: () => false,
        kept: this.kept.get(localNode) ?? [],
        keep: (history) => this.kept.set(localNode, history),
        onEntry: () => {},
        log: () => {},
      });
      this.hosts.set(localNode, host);
    }
  }

  host = (node: string) => this.hosts.get(node)!;

  fence = (driver: string, target: string) =>
    this.host(driver).fence({
      id: `${driver}-1`,
      target,
      action: 'off',
      delayMs: 0,
      timeoutMs: 5000,
      client: 'controller',
    });
}

const ok: RunResult = { status: 'done', rc: 0, exitReason: '', output: '' };
let cluster: Cluster;

afterEach(() => {
  for (const host of cluster.hosts.values()) host.close();
});

describe('the host of fencing', () => {
  it('runs the agent where the device is running, and every node remembers it', async () => {
    cluster = new Cluster();
    expect(await cluster.fence('n2', 'n1')).toEqual({ ok: true, text: '', delegate: 'n3' });
    expect(cluster.calls).toEqual(['n3: off port=n1']);
    for (const node of ['n1', 'n2', 'n3']) {
      expect(await cluster.host(node).history()).toMatchObject([
        { target: 'n1', action: 'off', origin: 'n2', delegate: 'n3', client: 'controller', state: 'success' },
      ]);
    }
    expect(await cluster.host('n1').history('n2')).toEqual([]);
  });

  it('remembers after all agents were started anew', async () => {
    cluster = new Cluster();
    await cluster.fence('n2', 'n1');
    for (const host of cluster.hosts.values()) host.close();
    cluster = new Cluster(undefined, cluster.kept);
    const history = await cluster.host('n1').history();
    expect(history).toMatchObject([{ target: 'n1', origin: 'n2', state: 'success' }]);
  });

  it('goes on elsewhere after a failure, and says in the end why', async () => {
    cluster = new Cluster();
    cluster.answer = (node) => ({ ...ok, rc: 1, exitReason: `no power from ${node}` });
    expect(await cluster.fence('n2', 'n1')).toEqual({ ok: false, text: 'no power from n2', delegate: 'n2' });
    expect(cluster.calls).toEqual(['n3: off port=n1', 'n2: off port=n1']);
  });

  it('goes on elsewhere when the node that runs the agent is lost', async () => {
    cluster = new Cluster();
    cluster.answer = (node) => (node === 'n3' ? new Promise(() => {}) : ok);
    const outcome = cluster.fence('n2', 'n1');
    await expect.poll(() => cluster.calls).toHaveLength(1);
    cluster.members = ['n2'];
    cluster.host('n2').membersChanged();
    expect(await outcome).toEqual({ ok: true, text: '', delegate: 'n2' });
  });

  it('ends, before a delayed agent has run, by the word of an administrator on any node', async () => {
    cluster = new Cluster(CIB.replace('DELAY', '<nvpair id="d" name="pcmk_delay_base" value="60s"/>'));
    const outcome = cluster.fence('n2', 'n1');
    await expect.poll(async () => (await cluster.host('n1').history())[0]?.state).toBe('pending');
    await cluster.host('n3').confirm('n1', 'stonith_admin');
    expect(await outcome).toEqual({ ok: true, text: '', delegate: 'a human' });
    expect(cluster.calls).toEqual([]);
  });
});

describe('fence_processes, the fence agent of the labs', () => {
  const agent = join(dirname(fileURLToPath(import.meta.url)), '../fixtures/stonith/fence_processes');
  const root = `/nowhere/${process.pid}`;

  async function tell(action: string, node: string): Promise<number> {
    const stdin = fenceAgentInput({
      agent: 'fence_processes',
      action,
      parameters: { roots: `${root}/%n`, nodes: 'n1 n2' },
      target: { node, parameter: 'port', value: node },
    });
    const env = { PATH: `${process.env.PATH}` };
    const child = runChild({ file: agent, args: [], env, stdin, timeoutMs: 10_000, marker: 'test' }, null);
    const { end } = await child.done;
    return end.kind === 'exited' ? end.code : -1;
  }

  it('kills all processes of a node and no other', async () => {
    const start = (node: string) =>
      spawn('sh', ['-c', 'sleep 1000 & setsid sleep 1001'], {
        env: { PATH: process.env.PATH, QUORATE_ROOT: `${root}/${node}` },
        stdio: 'ignore',
      });
    const first = start('n1');
    const second = start('n2');
    await expect.poll(() => tell('status', 'n1')).toBe(0);
    expect(await tell('off', 'n1')).toBe(0);
    if (first.exitCode === null && first.signalCode === null) await once(first, 'exit');
    expect(first.signalCode).toBe('SIGKILL');
    expect(await tell('status', 'n1')).toBe(2);
    expect(await tell('status', 'n2')).toBe(0);
    expect(second.exitCode).toBeNull();
    expect(await tell('reboot', 'n2')).toBe(0);
    cluster = new Cluster();
  });
});
