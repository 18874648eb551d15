import { add, type CivilTime, compareTimes } from '../../cib/civil-time.js';
import { Element } from '../../cib/element.js';
import { sanitizeId } from '../../cib/ids.js';
import { formatDateTime, parseDateTime, parseDuration } from '../../cib/iso8601.js';
import { EXIT } from '../../command-line/exit-codes.js';
import type { ResultName } from '../../command-line/result-codes.js';
import { type Report, ToolFailure } from '../../command-line/tool.js';
import { currentNode, currentRole } from '../../status/queries.js';
import { type ClusterNode, type ClusterStatus, type Resource, Role } from '../../status/types.js';
import type { CibAccess } from '../access.js';
import { outermost } from './find.js';

/** What moving and banning need to know. */
export interface PlacementRequest {
  readonly access: CibAccess;
  readonly report: Report;
  readonly status: ClusterStatus;
  readonly now: CivilTime;
  readonly lifetime: string | undefined;
  readonly promoted: boolean;
  readonly force: boolean;
}

/** The end of a constraint's life as text; undefined for ever, null where the duration is none. */
function endOfLife({ lifetime, now, report }: PlacementRequest): string | undefined | null {
  if (lifetime === undefined) return undefined;
  const duration = parseDuration(lifetime);
  if (!duration.ok) {
    report.error(
      `Invalid duration specified: ${lifetime}\nPlease refer to https://en.wikipedia.org/wiki/ISO_8601#Durations for examples of valid durations`,
    );
    return null;
  }
  const end = formatDateTime(add(now, duration.value), { date: true, timeOfDay: true, zone: true });
  report.info(`Migration will take effect until: ${end}`);
  return end;
}

/** A location constraint as `--ban` and `--move` make them. */
function constraint(
  kind: 'ban' | 'prefer',
  resource: string,
  node: string,
  promoted: boolean,
  until: string | undefined,
): Element {
  const ban = kind === 'ban';
  const score = ban ? '-INFINITY' : 'INFINITY';
  const base = ban ? `cli-ban-${resource}-on-${node}` : `cli-prefer-${resource}`;
  const location = new Element('rsc_location', {
    id: sanitizeId(base),
    rsc: resource,
    role: promoted ? 'Promoted' : 'Started',
  });
  if (until === undefined) return location.set('node', node).set('score', score);
  const part = (banned: string, preferred: string) => sanitizeId(ban ? `${base}-${banned}` : preferred);
  location.append(
    new Element('rule', { id: part('rule', `cli-prefer-rule-${resource}`), score, 'boolean-op': 'and' }, [
      new Element('expression', {
        id: part('expr', `cli-prefer-expr-${resource}`),
        attribute: '#uname',
        operation: 'eq',
        value: node,
        type: 'string',
      }),
      new Element('date_expression', {
        id: part('lifetime', `cli-prefer-lifetime-end-${resource}`),
        operation: 'lt',
        end: until,
      }),
    ]),
  );
  return location;
}

async function put(access: CibAccess, location: Element): Promise<ResultName> {
  const input = new Element('constraints', {}, [location]);
  const result = await access.perform({
    operation: 'modify',
    scope: 'constraints',
    input,
    allowCreate: true,
  });
  return result.ok ? 'ok' : result.failure;
}

/** Keeps a resource off a node. */
export async function ban(
  request: PlacementRequest,
  resource: string,
  node: string,
  promoted = request.promoted,
): Promise<ResultName> {
  const until = endOfLife(request);
  if (until === null) return 'EINVAL';
  const location = constraint('ban', resource, node, promoted, until);
  request.report.info(
    `WARNING: Creating rsc_location constraint '${location.id}' with a score of -INFINITY for resource ${resource} on ${node}.\n` +
      `\tThis will prevent ${resource} from ${promoted ? 'being promoted' : 'running'} on ${node} until the constraint is removed using the clear option or by editing the CIB with an appropriate tool\n` +
      `\tThis will be the case even if ${node} is the last node in the cluster`,
  );
  return put(request.access, location);
}

/** Where the resource is active; for clones, nodes that are wanted anyway do not count twice. */
function activeNodes(resource: Resource): ClusterNode[] {
  return [...new Set(resource.runningOn)];
}

function promotedNodes(resource: Resource): { count: number; node: ClusterNode | undefined } {
  const promoted = resource.children.filter((child) => currentRole(child) === Role.Promoted);
  const last = promoted.at(-1);
  return { count: promoted.length, node: last && currentNode(last) };
}

/** Keeps a resource off the one node where it is. */
export async function banWhereActive(
  request: PlacementRequest,
  resource: Resource,
  requested: string,
): Promise<ResultName> {
  const active = activeNodes(resource);
  if (active.length === 1) return ban(request, requested, active[0]!.name);
  if (!resource.promotable) {
    throw new ToolFailure(
      EXIT.USAGE,
      `Resource '${requested}' not moved: active in ${active.length} locations.\nTo prevent '${requested}' from running on a specific location, specify a node.`,
    );
  }
  const { count, node } = promotedNodes(resource);
  if (count === 1 && node) return ban(request, requested, node.name);
  throw new ToolFailure(
    EXIT.USAGE,
    `Resource '${requested}' not moved: active in ${active.length} locations (promoted in ${count}).\nTo prevent '${requested}' from running on a specific location, specify a node.To prevent '${requested}' from being promoted at a specific location, specify a node and the --promoted option.`,
  );
}

/** Makes a resource prefer a node above all others. */
export async function move(
  request: PlacementRequest,
  resource: Resource,
  requested: string,
  destination: ClusterNode,
): Promise<ResultName> {
  const { access, report, status, force } = request;
  let { promoted } = request;
  let target = resource;
  let name = requested;
  if (promoted && !target.promotable) {
    const top = outermost(target);
    if (top.promotable) {
      report.info(`Using parent '${target.id}' for move instead of '${name}'.`);
      target = top;
      name = top.id;
    } else {
      report.info(`Ignoring --promoted option: ${name} is not promotable`);
      promoted = false;
    }
  }
  let active = activeNodes(target);
  let count = active.length;
  let current = active[0];
  if (target.promotable) {
    const found = promotedNodes(target);
    if (promoted || found.count > 0) {
      count = found.count;
      current = found.node;
      active = current ? [current] : [];
    }
  }
  if (count > 1) {
    if (target.kind !== 'clone') return 'multiple';
    current = undefined;
  }
  const there = current === destination;
  if (there && !force) return 'already';
  for (const node of status.nodes) await clearNode(access, name, node.name, false, force);
  await clearNode(access, name, destination.name, true, force);
  const until = endOfLife(request);
  if (until === null) return 'EINVAL';
  const result = await put(access, constraint('prefer', name, destination.name, promoted, until));
  if (!force || there) return result;
  const doing = promoted ? 'promoted' : 'active';
  if (current) await ban(request, name, current.name, promoted);
  else if (count > 1) {
    report.info(
      `Resource '${name}' is currently ${doing} in ${count} locations. One may now move to ${destination.name}`,
    );
    report.info(`To prevent '${name}' from being ${doing} at a specific location, specify a node.`);
  }
  return result;
}

/** Removes what keeps a resource off a node (`bans`) or makes it prefer it. */
async function clearNode(
  access: CibAccess,
  resource: string,
  node: string,
  bans: boolean,
  force: boolean,
): Promise<ResultName> {
  const rule = `rule[@id='cli-prefer-rule-${resource}']/expression[@attribute='#uname' and @value='${node}']`;
  const inRule = await access.perform({
    operation: 'delete',
    scope: `//rsc_location[@id='cli-prefer-${resource}'][${rule}]`,
    xpath: true,
  });
  if (!inRule.ok && inRule.failure !== 'ENXIO') return inRule.failure;
  const fragment = new Element('constraints');
  if (bans) {
    fragment.append(new Element('rsc_location', { id: sanitizeId(`cli-ban-${resource}-on-${node}`) }));
  }
  const preference = new Element('rsc_location', { id: sanitizeId(`cli-prefer-${resource}`) });
  if (!force) preference.set('node', node);
  fragment.append(preference);
  const removed = await access.perform({ operation: 'delete', scope: 'constraints', input: fragment });
  return removed.ok || removed.failure === 'ENXIO' ? 'ok' : removed.failure;
}

function locations(cib: Element): Element[] {
  return [...(cib.at('configuration', 'constraints')?.descendants() ?? [])].filter(
    ({ name }) => name === 'rsc_location',
  );
}

/** Removes constraints of `--ban` and `--move`, and says which. */
export async function clear(
  request: PlacementRequest,
  resource: string | undefined,
  node: ClusterNode | undefined,
  expired: boolean,
): Promise<ResultName> {
  const { access, report, status, force } = request;
  const before = locations(status.cib).map((location) => location.id);
  let result: ResultName = 'ok';
  if (expired) {
    result = await clearExpired(request, resource, node?.name);
  } else {
    for (const one of node ? [node] : status.nodes) {
      result = await clearNode(access, resource ?? '', one.name, true, force);
      if (result !== 'ok') break;
    }
  }
  if (report.quiet) return result;
  const now = await access.read();
  if (!now.ok) return now.failure;
  const after = new Set(locations(now.value).map((location) => location.id));
  for (const id of before.sort()) if (!after.has(id)) report.info(`Removing constraint: ${id}`);
  return 'ok';
}

async function clearExpired(
  request: PlacementRequest,
  resource: string | undefined,
  node: string | undefined,
): Promise<ResultName> {
  const { access, status, now, promoted } = request;
  for (const location of locations(status.cib)) {
    if (!location.id.startsWith('cli-ban-') && !location.id.startsWith('cli-prefer-')) continue;
    if (resource !== undefined && location.get('rsc') !== resource) continue;
    if (promoted && location.get('role') !== 'Promoted') continue;
    const rules = location.elements('rule');
    const onNode = (rule: Element) =>
      rule
        .elements('expression')
        .some((part) => part.get('attribute') === '#uname' && part.get('value') === node);
    if (node !== undefined && location.get('node') !== node && !rules.some(onNode)) continue;
    const wanted = location.id.startsWith('cli-ban-')
      ? `${location.id}-lifetime`
      : `cli-prefer-lifetime-end-${location.get('rsc')}`;
    const end = rules
      .flatMap((rule) => rule.elements('date_expression'))
      .find((date) => date.id === wanted)
      ?.get('end');
    const parsed = end === undefined ? undefined : parseDateTime(end, now);
    if (!parsed?.ok || compareTimes(now, parsed.value) <= 0) continue;
    const input = new Element('constraints', {}, [new Element('rsc_location', { id: location.id })]);
    const removed = await access.perform({ operation: 'delete', scope: 'constraints', input });
    if (!removed.ok) return removed.failure;
  }
  return 'ok';
}
