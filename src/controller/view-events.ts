import { parseBoolean } from '../cib/boolean.js';
import { clusterProperty } from '../cib/cluster-property.js';
import type { Element } from '../cib/element.js';
import type { NodeId, View } from '../membership/types.js';
import { memberOf } from '../membership/view.js';
import { saidGoodbye } from './grace.js';
import { nameOf } from './node-names.js';
import type { Output } from './output.js';
import type { ControllerNode } from './types.js';

/** Records what a new view brings: who has joined, who is lost, quorum, another DC. */
export function announceView(
  view: View,
  previous: View | null,
  dcBefore: NodeId | null,
  nodes: readonly ControllerNode[],
  cib: Element,
  output: Output,
): void {
  const epoch = view.id.epoch;
  const names = view.members.map((member) => nameOf(nodes, member.node));
  output.event('view', `view ${epoch}: ${names.join(', ')}`, { view: epoch, members: names.join(' ') });
  for (const member of view.members) {
    if (memberOf(previous, member.node)?.boot === member.boot) continue;
    const name = nameOf(nodes, member.node);
    output.event('joined', `${name} is a member`, { node: name, view: epoch });
  }
  const fenced = parseBoolean(clusterProperty(cib, 'stonith-enabled')) ?? true;
  for (const { node } of previous?.members ?? []) {
    if (memberOf(view, node)) continue;
    const name = nameOf(nodes, node);
    const how = fenced || saidGoodbye(cib, node) ? '' : ', and not fenced (stonith-enabled=false)';
    output.event('lost', `${name} is lost${how}`, { node: name, view: epoch });
  }
  const { quorate, totalVotes, expectedVotes } = view.quorum;
  if (quorate !== (previous?.quorum.quorate ?? null)) {
    const how = quorate ? 'quorum acquired' : 'no quorum';
    output.event('quorum', `${how}: ${totalVotes} of ${expectedVotes} votes`, {
      quorate,
      votes: totalVotes,
      expected: expectedVotes,
    });
  }
  if (view.id.coordinator !== dcBefore) {
    const dc = nameOf(nodes, view.id.coordinator);
    output.event('dc', `${dc} is the DC`, { dc, view: epoch });
  }
}
