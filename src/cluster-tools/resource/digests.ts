import { operationDigest } from '../../cib/digest.js';
import { Element } from '../../cib/element.js';
import { EXIT } from '../../command-line/exit-codes.js';
import { element } from '../../command-line/output.js';
import type { ResultName } from '../../command-line/result-codes.js';
import { type Report, ToolFailure } from '../../command-line/tool.js';
import { withoutClusterAttributes } from '../../status/digests.js';
import { resourceParameters } from '../../status/parameters.js';
import type { ClusterNode, ClusterStatus, Resource } from '../../status/types.js';

const EFFECTIVE: ReadonlySet<string> = new Set(['monitor', 'start', 'promote', 'migrate_from']);

/**
 * The entry of a resource's history on a node that tells most of its parameters: one that says the state rather than a
 * stop, a success rather than a failure, one with a digest of what cannot be reloaded, the newest (best_op() of
 * Pacemaker 2.1.5). Instances of anonymous clones have no history of their own name.
 */
function history(status: ClusterStatus, resource: Resource, node: ClusterNode): Element | undefined {
  const entries = status.cib
    .first('status')
    ?.elements('node_state')
    .find((one) => one.get('uname') === node.name)
    ?.at('lrm', 'lrm_resources')
    ?.elements('lrm_resource')
    .find(({ id }) => id === resource.id)
    ?.elements('lrm_rsc_op');
  let best: Element | undefined;
  for (const entry of entries ?? []) if (!best || isBetter(entry, best)) best = entry;
  return best;
}

function isBetter(entry: Element, best: Element): boolean {
  const recurring = (one: Element) => Number(one.get('interval') ?? 0) !== 0;
  const effective = (one: Element) => !recurring(one) && EFFECTIVE.has(one.get('operation') ?? '');
  const failure = (one: Element) => one.id.endsWith('_last_failure_0');
  const restart = (one: Element) => one.get('op-restart-digest') !== undefined;
  if (effective(best)) {
    if (!effective(entry)) return false;
  } else if (recurring(best) && !effective(entry) && !recurring(entry)) return false;
  if (!failure(best) && failure(entry)) return false;
  if (restart(best) && !restart(entry)) return false;
  return Number(entry.get('call-id') ?? -1) >= Number(best.get('call-id') ?? -1);
}

/** Shows what an operation's parameters are hashed from, with the values typed in place of the configured. */
export function showDigests(
  report: Report,
  status: ClusterStatus,
  resource: Resource,
  node: ClusterNode,
  words: readonly string[],
): ResultName {
  if (resource.kind !== 'primitive') {
    throw new ToolFailure(EXIT.UNIMPLEMENT_FEATURE);
  }
  const overrides = words.map((word) => {
    const at = word.indexOf('=');
    if (at < 1) throw new ToolFailure(EXIT.USAGE, `Error parsing '${word}' as a name=value pair`);
    return [word.slice(0, at), word.slice(at + 1)] as const;
  });
  const recorded = history(status, resource, node);
  const task = recorded?.get('operation') ?? 'start';
  const all = new Map(resourceParameters(status, resource, node));
  for (const [name, value] of overrides) all.set(name, value);
  const interval = all.get('CRM_meta_interval') ?? recorded?.get('interval') ?? '0';
  const counting = withoutClusterAttributes(all);
  const secret = recorded ? (recorded.get('op-secure-params') ?? '') : ' passwd password user ';
  const open = [...counting].filter(
    ([name]) => !secret.includes(` ${name} `) && !name.startsWith('CRM_meta_'),
  );
  const shown: ['all' | 'nonprivate' | 'nonreloadable', Map<string, string>][] = [
    ['all', counting],
    ['nonprivate', new Map(open)],
  ];
  if (recorded?.get('op-restart-digest') !== undefined) {
    const list = recorded.get('op-force-restart');
    const kept = [...counting].filter(
      ([name]) => !name.startsWith('CRM_meta_') && (list === undefined || list.includes(` ${name} `)),
    );
    shown.push(['nonreloadable', new Map(kept)]);
  }
  const rows = shown.map(([type, parameters]) => {
    const tree = new Element('parameters', parameters);
    return { type, parameters, hash: operationDigest(tree) };
  });
  const names = { all: 'all', nonprivate: 'non-private', nonreloadable: 'non-reloadable' } as const;
  for (const { type, hash } of rows) report.line(`${hash} (${names[type]} parameters)`);
  report.xml(
    element('digests', { resource: resource.id, node: node.name, task, interval: `${interval}ms` }, [
      ...rows.map(({ type, parameters, hash }) =>
        element('digest', { type, hash }, [element('parameters', Object.fromEntries(parameters))]),
      ),
    ]),
  );
  return 'ok';
}
