import type { Services } from './cluster-life.js';

export interface Configuration {
  readonly cib: string;
  /** Primitives that are to run on one node each. */
  readonly primitives: readonly string[];
  readonly orders: readonly (readonly [string, string])[];
}

/** The CIB with which a simulated cluster begins. */
export function configurationOf(
  services: Services,
  nodes: readonly number[],
  fencing: boolean,
): Configuration {
  const primitive = (id: string) =>
    `<primitive id="${id}" class="ocf" provider="test" type="Dummy"><operations><op id="${id}-m" name="monitor" interval="5s"/></operations></primitive>`;
  const simple = Array.from({ length: services.primitives }, (_, i) => `r${i}`);
  const grouped = services.group ? ['g0', 'g1'] : [];
  const resources = simple.map(primitive);
  const constraints: string[] = [];
  const orders: (readonly [string, string])[] = [];
  if (services.group) {
    resources.push(`<group id="g">${grouped.map(primitive).join('')}</group>`);
    orders.push(['g0', 'g1']);
  }
  if (services.order && simple.length > 1) {
    constraints.push('<rsc_order id="o" first="r0" then="r1"/>');
    orders.push(['r0', 'r1']);
  }
  if (services.promotable) {
    const meta =
      '<meta_attributes id="c-m"><nvpair id="c-m-p" name="promotable" value="true"/></meta_attributes>';
    resources.push(`<clone id="c">${meta}${primitive('c0')}</clone>`);
    const anywhere = '<expression id="c-e" attribute="#uname" operation="defined"/>';
    constraints.push(
      `<rsc_location id="c-l" rsc="c"><rule id="c-r" role="Promoted" score="100">${anywhere}</rule></rsc_location>`,
    );
  }
  if (fencing) resources.push('<primitive id="f" class="stonith" type="fence_test"/>');
  const cib =
    '<cib crm_feature_set="3.16.1" validate-with="pacemaker-3.9" epoch="5" num_updates="0" admin_epoch="0"><configuration>' +
    '<crm_config><cluster_property_set id="cib-bootstrap-options">' +
    `<nvpair id="cib-bootstrap-options-stonith-enabled" name="stonith-enabled" value="${fencing}"/>` +
    `</cluster_property_set></crm_config><nodes>${nodes.map((id) => `<node id="${id}" uname="n${id}"/>`).join('')}</nodes>` +
    `<resources>${resources.join('')}</resources>` +
    `<constraints>${constraints.join('')}</constraints></configuration><status/></cib>`;
  return { cib, primitives: [...simple, ...grouped], orders };
}
