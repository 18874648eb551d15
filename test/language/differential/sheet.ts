import { randomNumbers } from '../../../scripts/random-numbers.mjs';
import { mutated, WordPool } from './mutate.js';

/** Statements that make an object of their own, so that many can be asked at once. */
const KINDS = new Set(
  'primitive rsc_template group clone ms master bundle location colocation collocation order rsc_ticket tag role acl_target alert'.split(
    ' ',
  ),
);

export interface Sheet {
  /** The statements, each with an id of its own. */
  readonly statements: readonly { readonly id: string; readonly text: string }[];
  readonly base: string;
}

/** The single statements of these texts. */
export function statementsOf(texts: Iterable<string>): string[] {
  return [...texts]
    .flatMap((text) => text.split('\n'))
    .filter((line) => KINDS.has(line.split(/\s/)[0]!.toLowerCase()) && !line.endsWith('\\'));
}

/** Resources that groups, clones and bundles of a sheet may take, each but once. */
const SPARE = 60;

const BASE = `<cib crm_feature_set="3.16.1" validate-with="pacemaker-3.9" epoch="11" num_updates="0" admin_epoch="0" have-quorum="1">
<configuration><crm_config><cluster_property_set id="cib-bootstrap-options"><nvpair id="cib-bootstrap-options-stonith-enabled" name="stonith-enabled" value="false"/></cluster_property_set></crm_config>
<nodes><node id="1" uname="node1"/><node id="2" uname="node2"/></nodes>
<resources><template id="tmpl" class="ocf" provider="heartbeat" type="Dummy"/>
${['d1', 'd2', 'd3', 'd4', 'vip', 'web', ...Array.from({ length: SPARE }, (_, i) => `e${i}`)]
  .map(
    (id) =>
      `<primitive id="${id}" class="ocf" provider="heartbeat" type="Dummy"><instance_attributes id="${id}-instance_attributes"><nvpair id="${id}-instance_attributes-state" name="state" value="/run/${id}"/></instance_attributes></primitive>`,
  )
  .join('\n')}
<primitive id="st1" class="stonith" type="fence_xvm"/><primitive id="st2" class="stonith" type="fence_xvm"/>
<group id="g1">${['ga', 'gb', 'gc'].map((id) => `<primitive id="${id}" class="ocf" provider="heartbeat" type="Dummy"/>`).join('')}</group>
<clone id="c1"><primitive id="ca" class="ocf" provider="heartbeat" type="Dummy"/></clone>
<clone id="ms1"><meta_attributes id="ms1-meta_attributes"><nvpair id="ms1-p" name="promotable" value="true"/></meta_attributes><primitive id="msa" class="ocf" provider="pacemaker" type="Stateful"/></clone></resources>
<constraints><rsc_location id="l-d1" rsc="d1" node="node1" score="100"/><rsc_location id="l-rule" rsc="d2"><rule id="ruleone" score="5"><expression id="ruleone-expression" attribute="#uname" operation="eq" value="node1"/></rule></rsc_location></constraints>
<acls><acl_role id="reader"><acl_permission id="reader-0" kind="read" xpath="/cib"/></acl_role></acls></configuration><status/></cib>
`;

/** A sheet of changed statements; what is changed is decided by the seed. */
export function sheet(statements: readonly string[], seed: number, count: number): Sheet {
  const random = randomNumbers(seed);
  const pool = new Map<string, WordPool>();
  const kindOf = (text: string) => text.split(/\s/)[0]!.toLowerCase();
  let spare = 0;
  const made = Array.from({ length: count }, (_, i) => {
    const original = statements[Math.floor(random() * statements.length)]!;
    const kind = kindOf(original);
    if (!pool.has(kind)) pool.set(kind, new WordPool(statements.filter((each) => kindOf(each) === kind)));
    const [, head, rest] = /^(\S+\s+\S+)(.*)$/s.exec(original) ?? ['', original, ''];
    const keyword = random() < 0.05 ? head!.split(/\s/)[0]!.toUpperCase() : head!.split(/\s/)[0]!;
    const id = `z${i}`;
    let text = mutated(rest!, pool.get(kind)!, Math.floor(random() * 1e9));
    if (/^(group|clone|ms|master|bundle)$/.test(kind)) {
      text = text.replace(/(?<=\s)(d[1-4]|e\d+|p\d?|vip|web|a|b|c)(?=\s|$)/g, () => `e${spare++ % SPARE}`);
    }
    return { id, text: `${keyword} ${id}${text}` };
  });
  return { statements: made, base: BASE };
}
