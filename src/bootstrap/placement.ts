import type { Element } from '../cib/element.js';

/** Where each resource runs: what must be the same afterwards. */
export type Placement = ReadonlyMap<string, string>;

/** Node id → name. */
export function nodeNames(cib: Element): Map<string, string> {
  const nodes = cib.at('configuration', 'nodes')?.elements('node') ?? [];
  return new Map(nodes.map((node) => [node.id, node.get('uname') ?? node.id]));
}

/** Active resources by the last result of each on each node; stopped ones are not in it. */
export function placementOf(cib: Element): Placement {
  const found = new Map<string, string[]>();
  for (const state of cib.first('status')?.elements('node_state') ?? []) {
    const node = state.get('uname') ?? nodeNames(cib).get(state.id) ?? state.id;
    for (const resource of state.at('lrm', 'lrm_resources')?.elements('lrm_resource') ?? []) {
      let call = Number.NEGATIVE_INFINITY;
      let active = '';
      for (const operation of resource.elements('lrm_rsc_op')) {
        const own = Number(operation.get('call-id') ?? -1);
        if (own < call || operation.get('op-status') !== '0') continue;
        const task = operation.get('operation');
        const code = Number(operation.get('rc-code'));
        call = own;
        if (task === 'stop') active = '';
        else if (task === 'promote' || code === 8) active = 'promoted';
        else if (task === 'demote' || code === 0) active = 'active';
        else if (code === 7) active = '';
      }
      if (active !== '') {
        const places = found.get(resource.id) ?? [];
        places.push(active === 'promoted' ? `${node} (promoted)` : node);
        found.set(resource.id, places);
      }
    }
  }
  return new Map([...found].map(([id, places]) => [id.replace(/:\d+$/, ''), places.sort().join(' ')]));
}

/** Resources that run elsewhere than they did: `ID: BEFORE → AFTER`. */
export function moved(before: Placement, after: Placement): string[] {
  const ids = new Set([...before.keys(), ...after.keys()]);
  return [...ids]
    .filter((id) => before.get(id) !== after.get(id))
    .map((id) => `${id}: ${before.get(id) ?? 'stopped'} → ${after.get(id) ?? 'stopped'}`);
}
