import type { Statement } from '../../../grammar/crm/ast.js';
import type { Element } from '../../cib/element.js';
import { type BuildContext, make } from './context.js';

export function fencingTopology(
  source: Statement & { kind: 'fencing_topology' },
  context: BuildContext,
): Element {
  const element = make('fencing-topology');
  const first = source.levels[0];
  const everyNode =
    first !== undefined &&
    first.target === undefined &&
    first.attribute === undefined &&
    first.pattern === undefined;
  const levels = everyNode
    ? context.nodes().flatMap((target) => source.levels.map(({ devices }) => ({ target, devices })))
    : source.levels;
  const counts = new Map<string, number>();
  for (const level of levels) {
    const { target, attribute, pattern } = level as (typeof source.levels)[number];
    const key = target ?? attribute?.name ?? pattern ?? '';
    const index = (counts.get(key) ?? 0) + 1;
    counts.set(key, index);
    element.append(
      make('fencing-level', {
        target,
        index: String(index),
        devices: level.devices,
        'target-pattern': pattern,
        'target-attribute': attribute?.name,
        'target-value': attribute?.value,
      }),
    );
  }
  return element;
}
