import { isTrue } from '../cib/boolean.js';
import type { Element } from '../cib/element.js';
import type { ClusterStatus, QuorumPolicy } from '../status/types.js';
import { displayName, featureSet } from './node-text.js';
import { type Block, type Entry, item, list, spanItem } from './outline.js';
import { calendarTime, counted } from './terms.js';
import type { Medium, View } from './view.js';

/** A cluster property's value wherever the CIB has it; histories, most of a big CIB, hold none. */
function property(element: Element, name: string): string | undefined {
  if (element.name === 'nvpair' && element.get('name') === name) return element.get('value');
  if (element.name === 'lrm' || element.name === 'operations') return undefined;
  for (const child of element.children) {
    const value = child.kind === 'element' ? property(child, name) : undefined;
    if (value !== undefined) return value;
  }
  return undefined;
}

/** What the summary says of the cluster as a whole. */
export interface Summary {
  readonly stack: string;
  readonly dcVersion: string | undefined;
  readonly quorate: boolean;
  /** Members announce different feature sets: an upgrade is under way. */
  readonly mixedVersion: boolean;
  readonly lastWritten: string | undefined;
  readonly lastUser: string | undefined;
  readonly lastClient: string | undefined;
  readonly lastOrigin: string | undefined;
}

export function summarize(status: ClusterStatus): Summary {
  const sets = new Set(status.nodes.map(featureSet).filter((set) => set !== undefined));
  const { cib } = status;
  return {
    stack: property(cib, 'cluster-infrastructure') ?? 'unknown',
    dcVersion: property(cib, 'dc-version'),
    quorate: isTrue(cib.get('have-quorum')),
    mixedVersion: sets.size > 1,
    lastWritten: cib.get('cib-last-written'),
    lastUser: cib.get('update-user'),
    lastClient: cib.get('update-client'),
    lastOrigin: cib.get('update-origin'),
  };
}

const QUORUM_POLICY: Readonly<Record<QuorumPolicy, string>> = {
  freeze: 'Freeze resources',
  stop: 'Stop ALL resources',
  demote: 'Demote promotable resources and stop all other resources',
  ignore: 'Ignore',
  suicide: 'Suicide',
};

function lastChange(summary: Summary): string {
  const by = summary.lastUser === undefined ? '' : ` by ${summary.lastUser}`;
  const via = summary.lastClient === undefined ? '' : ` via ${summary.lastClient}`;
  const on = summary.lastOrigin === undefined ? '' : ` on ${summary.lastOrigin}`;
  return `${summary.lastWritten ?? ''}${by}${via}${on}`;
}

function dcEntry(status: ClusterStatus, summary: Summary, view: View, medium: Medium): Entry {
  const label = 'Current DC';
  if (medium === 'html') {
    const heading = { text: `${label}: `, className: 'bold' };
    if (!status.dc) return spanItem(heading, { text: 'NONE', className: 'warning' });
    return spanItem(
      heading,
      { text: `${displayName(status.dc, view.detail)} (version ${summary.dcVersion ?? 'unknown'}) -` },
      ...(summary.mixedVersion ? [{ text: ' MIXED-VERSION', className: 'warning' }] : []),
      { text: ' partition' },
      summary.quorate ? { text: ' with' } : { text: ' WITHOUT', className: 'warning' },
      { text: ' quorum' },
    );
  }
  if (!status.dc) return item('NONE', { label });
  return item(
    `${displayName(status.dc, view.detail)} (version ${summary.dcVersion ?? 'unknown'}) - ` +
      `${summary.mixedVersion ? 'MIXED-VERSION ' : ''}partition ${summary.quorate ? 'with' : 'WITHOUT'} quorum`,
    { label },
  );
}

function countEntries(status: ClusterStatus, medium: Medium): Entry[] {
  const { instanceCount, disabledCount, blockedCount } = status;
  const nodes = `${counted(status.nodes.length, 'node')} configured`;
  const resources = `${counted(instanceCount, 'resource instance')} configured`;
  const blocked = ' from further action due to failure';
  const bold = (text: string) => ({ text, className: 'bold' });
  if (medium === 'html') {
    const first = spanItem({ text: nodes });
    if (disabledCount && blockedCount) {
      return [
        first,
        spanItem(
          { text: `${resources} (${disabledCount} ` },
          bold('DISABLED'),
          { text: `, ${blockedCount} ` },
          bold('BLOCKED'),
          { text: `${blocked})` },
        ),
      ];
    }
    if (disabledCount) {
      return [first, spanItem({ text: `${resources} (${disabledCount} ` }, bold('DISABLED'), { text: ')' })];
    }
    if (blockedCount) {
      return [
        first,
        spanItem({ text: `${resources} (${blockedCount} ` }, bold('BLOCKED'), { text: `${blocked})` }),
      ];
    }
    return [first, spanItem({ text: resources })];
  }
  const remarks = [
    ...(disabledCount ? [`${disabledCount} DISABLED`] : []),
    ...(blockedCount ? [`${blockedCount} BLOCKED${blocked}`] : []),
  ];
  return [item(nodes), item(remarks.length === 0 ? resources : `${resources} (${remarks.join(', ')})`)];
}

function optionEntries(status: ClusterStatus, medium: Medium): Entry[] {
  const { options } = status;
  const entries: Entry[] = [
    item(`STONITH of failed nodes ${options.stonithEnabled ? 'enabled' : 'disabled'}`),
    item(`Cluster is ${options.symmetricCluster ? 'symmetric' : 'asymmetric'}`),
    item(`No quorum policy: ${QUORUM_POLICY[options.noQuorumPolicy]}`),
  ];
  if (medium === 'text') return entries;
  const management = (state: string, remark: string) =>
    spanItem({ text: 'Resource management: ' }, { text: state, className: 'bold' }, { text: ` (${remark})` });
  if (options.maintenanceMode) {
    entries.push(management('DISABLED', 'the cluster will not attempt to start, stop, or recover services'));
  } else if (options.stopAllResources) {
    entries.push(management('STOPPED', 'the cluster will keep all resources stopped'));
  } else entries.push(item('Resource management: enabled'));
  return entries;
}

/** Text says loudly when the cluster manages nothing. */
function maintenanceLines(status: ClusterStatus): string[] {
  if (status.options.maintenanceMode) {
    return [
      '',
      '              *** Resource management is DISABLED ***',
      '  The cluster will not attempt to start, stop or recover services',
    ];
  }
  if (status.options.stopAllResources) {
    return [
      '',
      '    *** Resource management is DISABLED ***',
      '  The cluster will keep all resources stopped',
    ];
  }
  return [];
}

export function summaryBlocks(status: ClusterStatus, view: View, medium: Medium): Block[] {
  const { sections } = view;
  const summary = summarize(status);
  const entries: Entry[] = [];
  const labelled = (label: string, text: string, htmlText = text) =>
    medium === 'html'
      ? spanItem({ text: `${label}: `, className: 'bold' }, { text: htmlText })
      : item(text, { label });
  if (sections.has('stack')) entries.push(labelled('Stack', summary.stack));
  // A cluster without DC says so even where nobody asked.
  if (sections.has('dc') || !status.dc) entries.push(dcEntry(status, summary, view, medium));
  if (sections.has('times')) {
    entries.push(labelled('Last updated', calendarTime(status.nowMs)));
    entries.push(labelled('Last change', ` ${lastChange(summary)}`, lastChange(summary)));
  }
  if (sections.has('counts')) entries.push(...countEntries(status, medium));
  const blocks: Block[] = [];
  const add = (title: string, of: readonly Entry[]) => {
    if (of.length > 0) blocks.push({ outline: list(title, of), separates: true });
  };
  if (sections.has('options')) {
    if (medium === 'html') {
      add('Cluster Summary', entries);
      add('Config Options', optionEntries(status, medium));
    } else add('Cluster Summary', [...entries, ...optionEntries(status, medium)]);
  } else add('Cluster Summary', entries);
  if (sections.has('maint-mode') && medium === 'text') {
    const lines = maintenanceLines(status);
    if (lines.length > 0) blocks.push({ lines });
  }
  return blocks;
}

/** Exit-code-like verdict and line of `--simple-status`, as monitoring systems read it. */
export function simpleStatus(status: ClusterStatus): { readonly ok: boolean; readonly line: string } {
  let standby = 0;
  let maintenance = 0;
  let online = 0;
  const offline: string[] = [];
  for (const node of status.nodes) {
    if (node.standby && node.online) standby++;
    else if (node.maintenance && node.online) maintenance++;
    else if (node.online) online++;
    else offline.push(`offline node: ${node.name}`);
  }
  if (!status.dc || offline.length > 0) {
    const complaints = [...(status.dc ? [] : ['No DC']), ...(offline.length > 0 ? [offline.join(' ')] : [])];
    return { ok: false, line: `CLUSTER WARN: ${complaints.join(', ')}` };
  }
  const standbyText = standby > 0 ? `, ${counted(standby, 'standby node')}` : '';
  const maintenanceText = maintenance > 0 ? `, ${counted(maintenance, 'maintenance node')}` : '';
  return {
    ok: true,
    line:
      `CLUSTER OK: ${counted(online, 'node')} online${standbyText}${maintenanceText}, ` +
      `${counted(status.instanceCount, 'resource instance')} configured`,
  };
}
