import { formatScore } from '../../cib/score.js';
import { element, type OutputElement } from '../../command-line/output.js';
import type { Report } from '../../command-line/tool.js';
import type { Colocation, Location } from '../../scheduler/planner.js';
import { readConstraints } from '../../scheduler/schedule.js';
import { type ClusterStatus, type Resource, Role, roleName } from '../../status/types.js';
import { outermost } from './find.js';

interface Direction {
  readonly title: (resource: Resource) => string;
  readonly constraints: (resource: Resource) => readonly Colocation[];
  readonly other: (colocation: Colocation) => Resource;
  readonly roleWord: string;
}

const DEPENDENTS: Direction = {
  title: (resource) => `Resources colocated with ${resource.id}`,
  constraints: (resource) => resource.plan!.withThis,
  other: (colocation) => colocation.dependent,
  roleWord: 'needs',
};

const PRIMARIES: Direction = {
  title: (resource) => `Resources ${resource.id} is colocated with`,
  constraints: (resource) => resource.plan!.thisWith,
  other: (colocation) => colocation.primary,
  roleWord: 'with',
};

/** Resources that must be with a resource: whose colocation with it has a positive score. */
export function dependentsOf(status: ClusterStatus): (resource: Resource) => Resource[] {
  readConstraints(status);
  return (resource) =>
    resource.plan!.withThis.filter(({ score }) => score > 0).map(({ dependent }) => dependent);
}

/**
 * Shows the location and colocation constraints that bear on a resource.
 *
 * @param recursive also those of the resources it is colocated with
 * @param exact a member or instance is meant itself, not the group or clone
 */
export function showConstraints(
  report: Report,
  status: ClusterStatus,
  resource: Resource,
  recursive: boolean,
  exact: boolean,
): void {
  // The last one configured comes first.
  const locations = [...readConstraints(status)].reverse();
  const subject = exact ? resource : outermost(resource);
  const of = (one: Resource) => locations.filter((location) => location.resource === one);
  if (report.isXml) {
    const children = [
      ...locationElements(subject, of),
      ...colocationElements(subject, DEPENDENTS, recursive, of, new Set()),
      ...colocationElements(subject, PRIMARIES, recursive, of, new Set()),
    ];
    report.xml(element('constraints', {}, children));
    return;
  }
  const blocks = [
    locationLines(subject, of, 0),
    colocationLines(subject, DEPENDENTS, recursive, of, new Set(), 0),
    colocationLines(subject, PRIMARIES, recursive, of, new Set(), 0),
  ].filter((lines) => lines.length > 0);
  report.raw(blocks.map((lines) => `${lines.join('\n')}\n`).join(''));
}

type LocationsOf = (resource: Resource) => readonly Location[];

function heading(text: string, depth: number): string {
  return depth === 0 ? `${text}:` : `${'  '.repeat(depth)}* ${text}:`;
}

function item(text: string, depth: number): string {
  return `${'  '.repeat(depth + 1)}* ${text}`;
}

function locationLines(resource: Resource, of: LocationsOf, depth: number): string[] {
  const lines = of(resource).flatMap((location) =>
    location.nodes.map(({ node, score }) =>
      item(`Node ${node.name} (score=${formatScore(score)}, id=${location.id}, rsc=${resource.id})`, depth),
    ),
  );
  return lines.length > 0 ? [heading('Locations', depth), ...lines] : [];
}

function colocationLines(
  resource: Resource,
  direction: Direction,
  recursive: boolean,
  of: LocationsOf,
  visited: Set<Resource>,
  depth: number,
): string[] {
  if (visited.has(resource)) return [];
  visited.add(resource);
  const lines: string[] = [];
  for (const colocation of direction.constraints(resource)) {
    const other = direction.other(colocation);
    if (visited.has(other)) {
      lines.push(item(`${other.id} (id=${colocation.id} - loop)`, depth));
      continue;
    }
    const role =
      colocation.primaryRole > Role.Started
        ? `${direction.roleWord} role=${roleName(colocation.primaryRole)}, `
        : '';
    lines.push(
      item(`${other.id} (score=${formatScore(colocation.score)}, ${role}id=${colocation.id})`, depth),
      ...locationLines(other, of, depth + 2),
    );
    if (recursive) lines.push(...colocationLines(other, direction, recursive, of, visited, depth + 2));
  }
  return lines.length > 0 ? [heading(direction.title(resource), depth), ...lines] : [];
}

function locationElements(resource: Resource, of: LocationsOf): OutputElement[] {
  return of(resource).flatMap((location) =>
    location.nodes.map(({ node, score }) =>
      element('rsc_location', {
        node: node.name,
        rsc: resource.id,
        id: location.id,
        score: formatScore(score),
      }),
    ),
  );
}

function colocationElements(
  resource: Resource,
  direction: Direction,
  recursive: boolean,
  of: LocationsOf,
  visited: Set<Resource>,
): OutputElement[] {
  if (visited.has(resource)) return [];
  visited.add(resource);
  const found: OutputElement[] = [];
  const role = (value: Role) => (value === Role.Unknown ? undefined : roleName(value));
  for (const colocation of direction.constraints(resource)) {
    const other = direction.other(colocation);
    found.push(
      element('rsc_colocation', {
        id: colocation.id,
        rsc: colocation.dependent.id,
        'with-rsc': colocation.primary.id,
        score: formatScore(colocation.score),
        'node-attribute': colocation.nodeAttribute,
        'rsc-role': role(colocation.dependentRole),
        'with-rsc-role': role(colocation.primaryRole),
      }),
    );
    if (visited.has(other)) continue;
    found.push(...locationElements(other, of));
    if (recursive) found.push(...colocationElements(other, direction, recursive, of, visited));
  }
  return found;
}
