import { readFileSync, writeFileSync } from 'node:fs';
import type { Element } from '../../src/cib/element.js';
import { parseXml, writeXml } from '../../src/cib/xml.js';
import type { Connection, ConnectionError, Outcome } from '../../src/connection/connection.js';
import type { Method, Params, Result } from '../../src/protocol/messages.js';
import { Interpreter } from '../../src/shell/interpreter.js';
import { rootLevel } from '../../src/shell/levels/root.js';
import type { Output, Severity } from '../../src/shell/messages.js';
import { attach } from '../../src/shell/navigation.js';
import { Options } from '../../src/shell/options.js';
import { type Flags, Session } from '../../src/shell/session.js';

/** A small cluster: two nodes, primitives, a group, clones, one promotable. */
export const CIB = `
<cib crm_feature_set="3.16.1" validate-with="pacemaker-3.9" epoch="5" num_updates="0" admin_epoch="0" have-quorum="1" dc-uuid="1">
  <configuration>
    <crm_config><cluster_property_set id="cib-bootstrap-options">
      <nvpair id="cib-bootstrap-options-stonith-enabled" name="stonith-enabled" value="false"/>
    </cluster_property_set></crm_config>
    <nodes>
      <node id="1" uname="n1"/>
      <node id="2" uname="n2"><instance_attributes id="n2-instance_attributes">
        <nvpair id="n2-instance_attributes-rack" name="rack" value="7"/>
      </instance_attributes></node>
    </nodes>
    <resources>
      <primitive id="vip" class="ocf" provider="heartbeat" type="IPaddr2">
        <instance_attributes id="vip-instance_attributes">
          <nvpair id="vip-instance_attributes-ip" name="ip" value="10.0.0.9"/>
        </instance_attributes>
        <operations><op id="vip-monitor-10s" name="monitor" interval="10s"/></operations>
      </primitive>
      <primitive id="web" class="ocf" provider="heartbeat" type="Dummy"/>
      <group id="g">
        <primitive id="ga" class="ocf" provider="heartbeat" type="Dummy">
          <meta_attributes id="ga-meta_attributes">
            <nvpair id="ga-meta_attributes-target-role" name="target-role" value="Stopped"/>
          </meta_attributes>
        </primitive>
        <primitive id="gb" class="ocf" provider="heartbeat" type="Dummy"/>
      </group>
      <clone id="c"><primitive id="ca" class="ocf" provider="heartbeat" type="Dummy"/></clone>
      <clone id="db-clone">
        <meta_attributes id="db-clone-meta_attributes">
          <nvpair id="db-clone-meta_attributes-promotable" name="promotable" value="true"/>
        </meta_attributes>
        <primitive id="db" class="ocf" provider="pacemaker" type="Stateful"/>
      </clone>
    </resources>
    <constraints/>
    <tags><tag id="front"><obj_ref id="vip"/><obj_ref id="web"/></tag></tags>
  </configuration>
  <status>
    <node_state id="1" uname="n1" in_ccm="true" crmd="online" join="member" expected="member">
      <lrm id="1"><lrm_resources>
        <lrm_resource id="vip" class="ocf" provider="heartbeat" type="IPaddr2">
          <lrm_rsc_op id="vip_last_0" operation_key="vip_start_0" operation="start" crm_feature_set="3.16.1"
            transition-key="1:1:0:aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee"
            transition-magic="0:0;1:1:0:aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee" call-id="4" rc-code="0" op-status="0"
            interval="0" last-rc-change="1700000000" exec-time="21" on_node="n1"/>
        </lrm_resource>
      </lrm_resources></lrm>
    </node_state>
    <node_state id="2" uname="n2" in_ccm="true" crmd="online" join="member" expected="member"/>
  </status>
</cib>`;

/** 2026-11-21 12:00:00 UTC */
export const NOW_MS = Date.UTC(2026, 10, 21, 12, 0, 0);

type Answers = { readonly [M in Method]?: (params: Params<M>) => Result<M> };

/** A cluster in memory; every call is kept, a call that no answer was given for fails. */
export class FakeCluster implements Connection {
  readonly target = { kind: 'agent' as const, name: 'n1', host: null };
  readonly calls: { readonly method: string; readonly params: unknown }[] = [];
  readonly commits: { readonly command: string | undefined; readonly force: boolean | undefined }[] = [];
  /** Ends the connection from the other side. */
  lose: (reason: ConnectionError | null) => void = () => {};
  readonly closed = new Promise<ConnectionError | null>((resolve) => {
    this.lose = resolve;
  });
  cib: Element;
  readonly #answers: Answers;
  /** What the next commit is answered with instead of doing it. */
  refuse: ConnectionError | null = null;
  /** The connection is lost during the next commit: before it arrives, or after it, so that only its answer is missing. */
  dying: 'before' | 'after' | null = null;

  constructor(xml: string, answers: Answers = {}) {
    this.cib = parseXml(xml);
    this.#answers = answers;
  }

  async readCib(): Promise<Outcome<Element>> {
    return { ok: true, value: this.cib.clone() };
  }

  async commit(_before: Element, after: Element, options: { force?: boolean; command?: string } = {}) {
    if (this.refuse) return { ok: false as const, error: this.refuse };
    const { dying } = this;
    this.dying = null;
    if (dying === 'after') this.cib = after.clone();
    if (dying !== null) {
      const error = { kind: 'closed' as const, message: 'the connection to n1 was lost' };
      return { ok: false as const, error };
    }
    this.commits.push({ command: options.command, force: options.force });
    this.cib = after.clone();
    return { ok: true as const, value: { adminEpoch: 0, epoch: 6, numUpdates: 0 } };
  }

  async state() {
    return this.call('cluster.state', {});
  }

  async call<M extends Method>(method: M, params: Params<M>): Promise<Outcome<Result<M>>> {
    this.calls.push({ method, params });
    const answer = this.#answers[method] as ((params: Params<M>) => Result<M>) | undefined;
    if (!answer) return { ok: false, error: { kind: 'unsupported', message: `no ${method} here` } };
    return { ok: true, value: await answer(params) };
  }

  async subscribe(): Promise<Outcome<() => void>> {
    return { ok: true, value: () => {} };
  }

  async close(): Promise<void> {}
}

export interface Shell {
  readonly session: Session;
  readonly interpreter: Interpreter;
  readonly cluster: FakeCluster;
  /** Results so far, as on stdout. */
  out: string;
  /** Messages so far, as on stderr, without colour. */
  messages: string[];
  /** Questions asked so far. */
  readonly questions: string[];
  /** Hosts of each connection opened. */
  readonly connections: (readonly string[])[];
  /** Runs a line; answers its status. */
  run(line: string): Promise<string>;
  /** The XML of the element with that id, on one line. */
  xml(id: string): string;
}

/** A shell on a cluster in memory. `answers` are given to questions, in order; without them nobody can be asked. */
export function openShell(
  options: {
    readonly cib?: string;
    readonly answers?: Answers;
    readonly replies?: readonly string[];
    readonly flags?: Partial<Flags>;
    readonly settings?: Readonly<Record<string, string>>;
    readonly scriptFolders?: readonly string[];
    readonly environment?: Readonly<Record<string, string>>;
    /** Stands for the editor: makes of a file's text what the user makes of it. */
    readonly edits?: (text: string) => string;
    /** Gets the text of each saved options file. */
    readonly saved?: string[];
  } = {},
): Shell {
  const cluster = new FakeCluster(options.cib ?? CIB, options.answers ?? {});
  const replies = [...(options.replies ?? [])];
  const questions: string[] = [];
  const connections: (readonly string[])[] = [];
  const output: Output = {
    colour: false,
    columns: 80,
    rows: null,
    result(text) {
      shell.out += text;
    },
    message(severity: Severity, text) {
      for (const line of text.split('\n')) shell.messages.push(`${severity.toUpperCase()}: ${line}`);
    },
    progress() {},
    async flush() {},
  };
  const settings = new Options('', { user: '', save: (text) => options.saved?.push(text) });
  for (const [key, value] of Object.entries(options.settings ?? {})) settings.set(key, value);
  const session = new Session({
    output,
    options: settings,
    flags: { force: false, no: false, wait: false, debug: false, regression: false, ...options.flags },
    environment: options.environment ?? {},
    hosts: [],
    scriptFolders: options.scriptFolders ?? [],
    interactive: options.replies !== undefined,
    question: async (text) => {
      questions.push(text);
      return replies.shift() ?? null;
    },
    secret: async () => null,
    runOnTerminal: async (_program, args) => {
      const file = args.at(-1);
      if (options.edits && file) writeFileSync(file, options.edits(readFileSync(file, 'utf8')));
      return 0;
    },
    connect: async (_source, hosts) => {
      connections.push(hosts);
      return { ok: true, value: cluster };
    },
    now: () => NOW_MS,
  });
  const interpreter = new Interpreter(session, rootLevel);
  attach(interpreter);
  const shell: Shell = {
    session,
    interpreter,
    cluster,
    out: '',
    messages: [],
    questions,
    connections,
    run: async (line) => (await interpreter.execute(line)).status,
    xml: (id) => {
      for (const element of cluster.cib.descendants()) {
        if (element.id === id) return writeXml(element, { indent: false });
      }
      return '';
    },
  };
  return shell;
}
