import { operationDigest } from '../../cib/digest.js';
import { Element } from '../../cib/element.js';
import { EXIT } from '../../command-line/exit-codes.js';
import { element } from '../../command-line/output.js';
import type { ResultName } from '../../command-line/result-codes.js';
import { type Report, ToolFailure } from '../../command-line/tool.js';
import { withoutClusterAttributes } from '../../status/digests.js';
import { resourceParameters } from '../../status/parameters.js';
import type { ClusterNode, ClusterStatus, Resource } from '../../status/types.js';

/** The resource's last start on the node, else its last monitor. */
function history(status: ClusterStatus, resource: Resource, node: ClusterNode): Element | undefined {
  const state = status.cib
    .first('status')
    ?.elements('node_state')
    .find((one) => one.get('uname') === node.name || one.id === node.id);
  const entries = state
    ?.at('lrm', 'lrm_resources')
    ?.elements('lrm_resource')
    .find(({ id }) => id === resource.historyName || id === resource.id)
    ?.elements('lrm_rsc_op');
  const newest = (operation: string) =>
    entries
      ?.filter((entry) => entry.get('operation') === operation)
      .sort((a, b) => Number(b.get('call-id') ?? -1) - Number(a.get('call-id') ?? -1))[0];
  return newest('start') ?? newest('monitor');
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
    throw new ToolFailure(
      EXIT.UNIMPLEMENT_FEATURE,
      `Digests are only there for primitives, not ${resource.id}`,
    );
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
  const secret = recorded ? recorded.get('op-secure-params') : ' passwd password user ';
  const shown: [string, Map<string, string>][] = [['all', counting]];
  if (secret !== undefined) {
    const open = [...counting].filter(
      ([name]) => !secret.includes(` ${name} `) && !name.startsWith('CRM_meta_'),
    );
    shown.push(['nonprivate', new Map(open)]);
  }
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
  const titles: Readonly<Record<string, string>> = {
    all: 'All parameters',
    nonprivate: 'Non-private',
    nonreloadable: 'Non-reloadable',
  };
  report.line(`Digests for ${resource.id} ${task === 'start' ? 'initial probe' : task} on ${node.name}`);
  for (const { type, parameters, hash } of rows) {
    const list = [...parameters].map(([name, value]) => `${name}=${JSON.stringify(value)}`).join(' ');
    report.line(`* ${titles[type]} digest: ${hash} (${list})`);
  }
  report.xml(
    element('digests', { resource: resource.id, node: node.name, task, interval: `${interval}ms` }, [
      ...rows.map(({ type, parameters, hash }) =>
        element('digest', { type, hash }, [element('parameters', Object.fromEntries(parameters))]),
      ),
    ]),
  );
  return 'ok';
}
