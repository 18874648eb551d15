import type { Element } from '../../src/cib/element.js';
import { parseXml } from '../../src/cib/xml.js';
import { simulate } from '../../src/simulation/simulate.js';
import { doneTexts } from '../../src/simulation/steps.js';
import { summaryLines, transitionChanges } from '../../src/simulation/transition-summary.js';

/** The parts of a CIB that a test is about, as XML; nodes by name, all online. */
export interface Parts {
  readonly nodes?: readonly string[];
  /** Nodes that are gone. */
  readonly lost?: readonly string[];
  /** Cluster options. */
  readonly options?: Readonly<Record<string, string>>;
  readonly resources?: string;
  readonly constraints?: string;
  /** What ran, by node: `rsc start`, `rsc monitor 10000 7`. Everything else was probed and is stopped. */
  readonly history?: Readonly<Record<string, readonly string[]>>;
  /** Transient attributes by node. */
  readonly attributes?: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

export const NOW_MS = 1_700_000_000_000;

function pairs(prefix: string, values: Readonly<Record<string, string>>): string {
  return Object.entries(values)
    .map(([name, value]) => `<nvpair id="${prefix}-${name}" name="${name}" value="${value}"/>`)
    .join('');
}

export function primitive(id: string, meta: Readonly<Record<string, string>> = {}, inner = ''): string {
  const attributes =
    Object.keys(meta).length > 0
      ? `<meta_attributes id="${id}-meta">${pairs(`${id}-meta`, meta)}</meta_attributes>`
      : '';
  return `<primitive id="${id}" class="ocf" provider="pacemaker" type="Dummy">${attributes}${inner}</primitive>`;
}

function operation(text: string, index = 0): { resource: string; xml: string } {
  const [resource = '', task = '', interval = '0', rc = '0'] = text.split(' ');
  const key = `${resource}_${task}_${interval}`;
  const name = interval === '0' ? `${resource}_last_0` : key;
  const expected = task === 'monitor' && interval === '0' ? 7 : 0;
  const digest = interval === '0' ? 'f2317cad3d54cec5d7d7aa7d0bf35cf8' : '4811cef7f7f94e3a35a70be7916cb2fd';
  const magic = `${expected}:11111111-2222-3333-4444-555555555555`;
  const xml = `<lrm_rsc_op id="${name}" operation_key="${key}" operation="${task}" call-id="${index + 1}" rc-code="${rc}" op-status="0" interval="${interval}" transition-key="1:1:${magic}" transition-magic="0:${rc};1:1:${magic}" last-rc-change="1699999000" op-digest="${digest}"/>`;
  return { resource, xml };
}

export function cluster(parts: Parts): Element {
  const { nodes = ['alpha', 'beta'], lost = [], history = {}, attributes = {} } = parts;
  const options = { 'stonith-enabled': 'false', ...parts.options };
  const resources = parts.resources ?? '';
  const ids = [...resources.matchAll(/<primitive id="([^"]+)"/g)].map((match) => match[1]!);
  const states = nodes.map((name, index) => {
    const done = new Map<string, string>(ids.map((id) => [id, operation(`${id} monitor 0 7`).xml]));
    const own = (history[name] ?? []).map((text, at) => operation(text, at));
    for (const id of ids) {
      const texts = own.filter(({ resource }) => resource === id).map(({ xml }) => xml);
      if (texts.length > 0) done.set(id, texts.join(''));
    }
    const entries = [...done].map(
      ([id, text]) =>
        `<lrm_resource id="${id}" class="ocf" provider="pacemaker" type="Dummy">${text}</lrm_resource>`,
    );
    const set = attributes[name];
    const transient = set
      ? `<transient_attributes id="${index + 1}"><instance_attributes id="status-${index + 1}">${pairs(`status-${index + 1}`, set)}</instance_attributes></transient_attributes>`
      : '';
    const up = !lost.includes(name);
    const membership = up
      ? 'in_ccm="true" crmd="online" join="member"'
      : 'in_ccm="false" crmd="offline" join="down"';
    return `<node_state id="${index + 1}" uname="${name}" ${membership} expected="member">${transient}<lrm id="${index + 1}"><lrm_resources>${entries.join('')}</lrm_resources></lrm></node_state>`;
  });
  return parseXml(`<cib validate-with="pacemaker-3.9" crm_feature_set="3.16.1" have-quorum="1" epoch="1" num_updates="0" admin_epoch="0">
    <configuration>
      <crm_config><cluster_property_set id="options">${pairs('options', options)}</cluster_property_set></crm_config>
      <nodes>${nodes.map((name, index) => `<node id="${index + 1}" uname="${name}"/>`).join('')}</nodes>
      <resources>${resources}</resources>
      <constraints>${parts.constraints ?? ''}</constraints>
    </configuration>
    <status>${states.join('')}</status>
  </cib>`);
}

export interface Decided {
  /** The summary's lines, runs of blanks made one. */
  readonly summary: readonly string[];
  /** What was done in the simulation, in order: `rsc start on alpha`. */
  readonly done: readonly string[];
  readonly messages: readonly string[];
}

export function decide(cib: Element): Decided {
  const result = simulate(cib, { nowMs: NOW_MS, simulate: true });
  const squeeze = (line: string) => line.replace(/ +/g, ' ').trim();
  return {
    summary: summaryLines(transitionChanges(result.schedule!)).map(squeeze),
    done: doneTexts(result.steps ?? []).map((line) =>
      squeeze(line.replace(/^(Resource action|Cluster action|Pseudo action): */, '')),
    ),
    messages: result.schedule!.status.messages.map(({ text }) => text),
  };
}
