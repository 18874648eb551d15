import type { Element } from '../../cib/element.js';
import { writeXml } from '../../cib/xml.js';
import { cdata, element } from '../../command-line/output.js';
import type { ResultName } from '../../command-line/result-codes.js';
import type { Report } from '../../command-line/tool.js';
import type { Entry } from '../../monitor/outline.js';
import { showResource } from '../../monitor/resource-text.js';
import { resourceListLines } from '../../monitor/status-text.js';
import { EVERYTHING, type View } from '../../monitor/view.js';
import { resourcesElement, resourceTree } from '../../monitor/xml.js';
import { currentRole } from '../../status/queries.js';
import { type ClusterStatus, type Resource, Role } from '../../status/types.js';
import { treeOutput } from '../tree-output.js';
import { outermost } from './find.js';

interface Location {
  readonly node: string;
  readonly promoted: boolean;
}

function locationsOf(resource: Resource, requested: string): Location[] {
  const ofChildren = (clone: Resource) =>
    clone.children.flatMap((child) =>
      child.runningOn.map((node) => ({
        node: node.name,
        promoted: clone.promotable && currentRole(child) === Role.Promoted,
      })),
    );
  const parent = outermost(resource);
  if (resource.kind === 'clone') return ofChildren(resource).reverse();
  const shared = resource.historyName === requested && resource.id !== requested;
  if (parent.kind === 'clone' && !resource.unique && shared) return ofChildren(parent).reverse();
  const promoted = currentRole(resource) === Role.Promoted;
  return resource.runningOn.map((node) => ({ node: node.name, promoted })).reverse();
}

/** Says where a resource runs. */
export function locate(report: Report, resource: Resource, requested: string): ResultName {
  const found = locationsOf(resource, requested);
  report.xml(
    element(
      'nodes',
      { resource: requested },
      found.map(({ node, promoted }) =>
        element('node', { state: promoted ? 'promoted' : undefined }, [node]),
      ),
    ),
  );
  if (report.isXml) return 'ok';
  if (found.length === 0 && !report.quiet) report.error(`resource ${requested} is NOT running`);
  for (const { node, promoted } of found) {
    report.line(
      report.quiet ? node : `resource ${requested} is running on: ${node}${promoted ? ' Promoted' : ''}`,
    );
  }
  return found.length === 0 ? 'no_output' : 'ok';
}

/** Ids of all primitives, as instances. */
export function listRaw(report: Report, status: ClusterStatus): ResultName {
  const visit = (resource: Resource): string[] =>
    resource.children.length === 0 ? [resource.id] : resource.children.flatMap(visit);
  const ids = status.resources.flatMap(visit);
  if (ids.length === 0) {
    report.error('NO resources configured\n');
    return 'ENXIO';
  }
  for (const id of ids) report.line(id);
  const items = ids.map((id) => element('item', { name: 'resource' }, [id]));
  report.xml(element('list', { name: 'resource names', count: ids.length }, items));
  return 'ok';
}

/** All resources with their state. */
export function listResources(report: Report, status: ClusterStatus): ResultName {
  const view: View = { ...EVERYTHING, inactive: true };
  if (status.resources.length === 0) {
    report.line('Full List of Resources:\n  * No resources');
    report.xml(element('resources', {}, [element('item', {}, ['No resources'])]));
    return 'ENXIO';
  }
  if (report.isXml) {
    const found = resourcesElement(status, view);
    if (found) report.xml(treeOutput(found));
    return 'ok';
  }
  for (const line of resourceListLines(status, view, 0, true)) report.line(line);
  return 'ok';
}

/** The items of nested lists, without headings: Pacemaker's plain text. */
function itemTexts(entries: readonly Entry[]): string[] {
  return entries.flatMap((entry) => (entry.kind === 'item' ? [entry.text] : itemTexts(entry.entries)));
}

/** The configuration of an instance says which one it is. */
function withInstance(resource: Resource, xml: Element): Element {
  const number = /:(\d+)$/.exec(resource.id)?.[1] ?? instanceNumber(resource);
  if (number === undefined) return xml;
  const copy = xml.clone();
  const visit = (element: Element) => {
    element.set('clone', number);
    for (const child of element.elements()) if (child.name === 'primitive') visit(child);
  };
  visit(copy);
  return copy;
}

function instanceNumber(resource: Resource): string | undefined {
  for (let here: Resource | undefined = resource; here; here = here.parent) {
    const number = here.parent?.kind === 'clone' ? here.parent.children.indexOf(here) : -1;
    if (number >= 0) return String(number);
  }
  return undefined;
}

/** The configuration of a resource. */
export function showConfiguration(
  report: Report,
  status: ClusterStatus,
  resource: Resource,
  raw: boolean,
): ResultName {
  const original = raw
    ? [...(status.cib.at('configuration', 'resources')?.descendants() ?? [])].find(
        (candidate) => candidate.id === resource.xml.id,
      )
    : undefined;
  const text = writeXml(withInstance(resource, original ?? resource.xml));
  const view: View = { ...EVERYTHING, inactive: false };
  if (report.isXml) {
    const state = resourceTree(resource, view);
    report.xml(
      element('resource_config', {}, [...(state ? [treeOutput(state)] : []), cdata('xml', {}, text)]),
    );
    return 'ok';
  }
  const style = { status, view, medium: 'text', withoutNode: false, implicit: false } as const;
  for (const line of itemTexts(showResource(resource, style).entries)) report.line(line);
  report.line('Resource XML:');
  report.raw(text);
  return 'ok';
}
