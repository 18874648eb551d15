import { isTrue } from '../cib/boolean.js';
import { Element } from '../cib/element.js';
import { intervalMs } from '../cib/interval.js';
import { INFINITY, parseScore } from '../cib/score.js';
import { agentCapabilities } from './agents.js';
import { atLeast } from './at-least.js';
import { unpackBundle } from './bundle.js';
import { setIfAbsent, surroundings, unpackNvpairs } from './nvpairs.js';
import { readOperations } from './operation.js';
import { resourceParameters } from './parameters.js';
import { referred, remark, remarkOnCount, remarkOnInterval, remarkOnScore, warnOnce } from './remarks.js';
import { addScoreEverywhere, allowEverywhere } from './scores.js';
import {
  type ClusterStatus,
  isClone,
  parseRole,
  Resource,
  type ResourceKind,
  Role,
  topmost,
} from './types.js';

const KINDS: Readonly<Record<string, ResourceKind>> = {
  primitive: 'primitive',
  group: 'group',
  clone: 'clone',
  master: 'clone',
  bundle: 'bundle',
};

/** `ocf:pacemaker:remote`: a connection to a remote node. */
export function isRemoteConnectionXml(xml: Element): boolean {
  const is = (name: string, value: string) => xml.get(name)?.toLowerCase() === value;
  return is('type', 'remote') && is('class', 'ocf') && is('provider', 'pacemaker');
}

/**
 * Makes the resource that an element configures, with all below it.
 *
 * @param instance number of the clone instance it is, or is in
 * @returns undefined, with a complaint, where the configuration makes no sense
 */
export function unpackResource(
  status: ClusterStatus,
  configured: Element,
  parent: Resource | undefined,
  instance?: string,
): Resource | undefined {
  const id = configured.get('id');
  const complain = (text: string) => {
    status.messages.push({ severity: 'error', text });
    return undefined;
  };
  if (id === undefined) return complain(`Ignoring <${configured.name}> configuration without id`);
  const xml = expandTemplate(status, configured);
  if (!xml) return undefined;
  const kind = KINDS[xml.name];
  if (!kind) return complain(`Ignoring resource '${id}' of unknown type '${xml.name}'`);
  let operations = status.operationsOf.get(xml);
  if (!operations) {
    const element = xml.first('operations');
    operations = readOperations(element && referred(status, element));
    for (const operation of operations) remarkOnInterval(status, operation.xml.get('interval'));
    status.operationsOf.set(xml, operations);
  }
  const resource = new Resource({
    index: status.resourceCount++,
    id: instance === undefined ? id : `${id}:${instance}`,
    kind,
    xml,
    parent,
    instance,
    operations,
  });
  unpackMeta(status, resource);
  unpackFlags(status, resource);
  const targetRole = targetRoleOf(status, resource);
  if (targetRole !== undefined) resource.nextRole = targetRole;
  if (!UNPACK_KIND[kind](status, resource)) return undefined;
  if (status.options.symmetricCluster) allowEverywhere(status, resource);
  else if (resource.isRemoteConnection && resource.meta.has('container')) {
    addScoreEverywhere(status, resource, 0);
  }
  if (xml.first('utilization')) {
    unpackNvpairs(status, xml, 'utilization', surroundings(status), resource.utilization);
  }
  if (xml !== configured) addTemplateReference(status, configured);
  if (!status.resourcesById.has(resource.id)) status.resourcesById.set(resource.id, resource);
  return resource;
}

/**
 * The element with its template filled in: the template's children come first, operations of the same name and
 * role are the resource's own.
 */
function expandTemplate(status: ClusterStatus, configured: Element): Element | undefined {
  const reference = configured.get('template');
  if (reference === undefined) return configured;
  const known = status.expandedTemplates.get(configured);
  if (known) return known;
  const complain = (text: string) => {
    status.messages.push({ severity: 'error', text });
    return undefined;
  };
  if (reference === configured.id) {
    return complain(`The resource object '${configured.id}' should not reference itself`);
  }
  const template = status.cib
    .at('configuration', 'resources')
    ?.elements('template')
    .find((candidate) => candidate.id === reference);
  if (!template) return complain(`No template named '${reference}'`);
  const expanded = new Element(configured.name, template.attributes, [], configured.position);
  expanded.set('id', configured.id);
  const own = configured.first('operations');
  const inherited = template.first('operations');
  for (const child of template.children) {
    if (!(own && child === inherited)) expanded.children.push(child);
  }
  for (const child of configured.children) {
    expanded.children.push(child === own && inherited ? mergeOperations(own, inherited) : child);
  }
  status.expandedTemplates.set(configured, expanded);
  return expanded;
}

function mergeOperations(own: Element, inherited: Element): Element {
  const key = (operation: Element) => {
    const role = parseRole(operation.get('role'));
    return `${operation.get('name')}-${role === Role.Started || role === Role.Unpromoted ? Role.Unknown : role}`;
  };
  const taken = new Set(own.elements().map(key));
  return new Element('operations', own.attributes, [
    ...own.children,
    ...inherited.elements().filter((operation) => !taken.has(key(operation))),
  ]);
}

function addTemplateReference(status: ClusterStatus, configured: Element): void {
  const id = configured.get('template')!;
  const tag = status.templates.get(id);
  if (!tag) status.templates.set(id, { id, references: [configured.id] });
  else if (!tag.references.includes(configured.id)) tag.references.push(configured.id);
}

/** Own meta-attributes first, then those of the parents, `rsc_defaults`, and what the parent came to. */
function unpackMeta(status: ClusterStatus, resource: Resource): void {
  const { meta, xml, parent } = resource;
  if (resource.instance !== undefined) meta.set('clone', resource.instance);
  for (const [name, value] of xml.attributes) setIfAbsent(meta, name, value);
  if (!parent && !status.resourceDefaults && !xml.first('meta_attributes')) return;
  const context = surroundings(status, {
    resource: {
      class: xml.get('class') ?? '',
      provider: xml.get('provider'),
      type: xml.get('type') ?? '',
    },
  });
  unpackNvpairs(status, xml, 'meta_attributes', context, meta);
  if (parent) {
    const inherited = new Map<string, string>();
    for (let above: Resource | undefined = parent; above; above = above.parent) {
      unpackNvpairs(status, above.xml, 'meta_attributes', context, inherited);
    }
    for (const [name, value] of inherited) setIfAbsent(meta, name, value);
  }
  unpackNvpairs(status, status.resourceDefaults, 'meta_attributes', context, meta);
  if (parent) for (const [name, value] of parent.meta) setIfAbsent(meta, name, value);
}

function unpackFlags(status: ClusterStatus, resource: Resource): void {
  const { meta } = resource;
  const { options } = status;
  const text = (name: string) => {
    const value = meta.get(name);
    return value?.toLowerCase() === 'default' ? undefined : value;
  };
  resource.managed = !options.maintenanceMode;
  remarkOnScore(status, meta.get('priority'));
  resource.priority = parseScore(meta.get('priority'));
  resource.critical = meta.get('critical') === undefined || isTrue(meta.get('critical'));
  resource.notify = isTrue(meta.get('notify'));
  resource.isRemoteConnection = isRemoteConnectionXml(resource.xml);
  const remote = resource.isRemoteConnection && !meta.has('container');
  const migrate = meta.get('allow-migrate');
  resource.allowMigrate = isTrue(migrate) || (migrate === undefined && remote);
  const managed = text('is-managed');
  if (managed !== undefined) resource.managed = isTrue(managed);
  if (isTrue(meta.get('maintenance')) || options.maintenanceMode) {
    resource.managed = false;
    resource.maintenance = true;
  }
  if (isClone(topmost(resource))) {
    resource.unique = isTrue(meta.get('globally-unique'));
    if (isTrue(meta.get('promotable'))) resource.promotable = true;
    else if (resource.xml.name === 'master') {
      meta.set('promotable', 'true');
      resource.promotable = true;
    }
  } else resource.unique = true;
  if (meta.get('restart-type')?.toLowerCase() === 'restart') {
    warnOnce(status, 'Support for restart-type is deprecated and will be removed in a future release');
  }
  resource.restartWithDependents = meta.get('restart-type')?.toLowerCase() === 'restart';
  const multiple = meta.get('multiple-active')?.toLowerCase();
  if (multiple === 'stop_only' || multiple === 'block' || multiple === 'stop_unexpected') {
    resource.multipleActive = multiple;
  } else if (multiple !== undefined && multiple !== 'stop_start') {
    status.messages.push({
      severity: 'warning',
      text: `${meta.get('multiple-active')} is not a valid value for multiple-active, using default of "stop_start"`,
    });
  }
  remarkOnScore(status, text('resource-stickiness'));
  resource.stickiness = parseScore(text('resource-stickiness'));
  const threshold = text('migration-threshold');
  if (threshold !== undefined) {
    resource.migrationThreshold = parseScore(threshold);
    remarkOnScore(status, threshold);
    if (resource.migrationThreshold < 0) {
      warnOnce(status, 'migration-threshold must be non-negative, using 1 instead');
      resource.migrationThreshold = 1;
    }
  } else resource.migrationThreshold = INFINITY;
  if (resource.standard?.toLowerCase() === 'stonith') {
    options.haveStonithResource = true;
    resource.fenceDevice = true;
  }
  unpackRequires(status, resource, meta.get('requires'));
  const timeout = meta.get('failure-timeout');
  remarkOnInterval(status, timeout);
  if (timeout !== undefined) resource.failureTimeoutSec = Math.trunc(intervalMs(timeout) / 1000);
  if (remote) {
    const reconnect = resourceParameters(status, resource, undefined).get('reconnect_interval');
    remarkOnInterval(status, reconnect);
    if (reconnect !== undefined) {
      resource.reconnectIntervalMs = intervalMs(reconnect);
      resource.failureTimeoutSec = Math.trunc(resource.reconnectIntervalMs / 1000);
    }
  }
}

/** `requires`: what must be true before the resource may start anywhere. */
function unpackRequires(status: ClusterStatus, resource: Resource, value: string | undefined): void {
  const { options } = status;
  const warn = (text: string) => status.messages.push({ severity: 'warning', text });
  switch (value?.toLowerCase()) {
    case 'nothing':
      return;
    case 'quorum':
      resource.needsQuorum = true;
      return;
    case 'fencing':
      resource.needsFencing = true;
      if (!options.stonithEnabled) warn(`${resource.id} requires fencing but fencing is disabled`);
      return;
    case 'unfencing':
      if (resource.fenceDevice || !options.stonithEnabled) {
        const why = resource.fenceDevice ? 'fencing devices cannot require unfencing' : 'fencing is disabled';
        warn(`Resetting "requires" for ${resource.id} to "quorum" because ${why}`);
        resource.needsQuorum = true;
        return;
      }
      resource.needsFencing = true;
      resource.needsUnfencing = true;
      return;
  }
  let fallback = 'quorum';
  if (resource.fenceDevice || (resource.kind === 'primitive' && isRemoteConnectionXml(resource.xml))) {
    fallback = 'quorum';
  } else if (options.unfencing) fallback = 'unfencing';
  else if (options.stonithEnabled) fallback = 'fencing';
  else if (options.noQuorumPolicy === 'ignore') fallback = 'nothing';
  if (value !== undefined) {
    status.messages.push({
      severity: 'error',
      text: `Resetting 'requires' for ${resource.id} to '${fallback}' because '${value}' is not valid`,
    });
  }
  unpackRequires(status, resource, fallback);
}

/** The role that `target-role` limits the resource to; undefined where it limits nothing. */
export function targetRoleOf(status: ClusterStatus, resource: Resource): Role | undefined {
  const value = resource.meta.get('target-role');
  const lower = value?.toLowerCase();
  if (lower === undefined || lower === 'started' || lower === 'default') return undefined;
  const role = parseRole(value);
  const complain = (why: string) => {
    status.messages.push({
      severity: 'error',
      text: `Ignoring 'target-role' for ${resource.id} because '${value}' ${why}`,
    });
    return undefined;
  };
  if (role === Role.Unknown) {
    remark(status, 'error', `Unknown role: ${value}`);
    return complain('is not valid');
  }
  if (role > Role.Started) {
    if (!topmost(resource).promotable) return complain('only makes sense for promotable clones');
    if (role > Role.Unpromoted) return undefined;
  }
  return role;
}

/** Whether `target-role` keeps it from running (or from being promoted). */
export function isDisabled(resource: Resource): boolean {
  const role = parseRole(resource.meta.get('target-role'));
  return role === Role.Stopped || (role === Role.Unpromoted && topmost(resource).promotable);
}

const UNPACK_KIND: Readonly<Record<ResourceKind, (status: ClusterStatus, resource: Resource) => boolean>> = {
  primitive: unpackPrimitive,
  group: unpackGroup,
  clone: unpackClone,
  bundle: (status, resource) => unpackBundle(status, resource, unpackResource),
};

function unpackPrimitive(status: ClusterStatus, resource: Resource): boolean {
  const top = topmost(resource);
  const standard = resource.standard;
  const capabilities = agentCapabilities(standard);
  if (!capabilities.unique && resource.unique && isClone(top)) {
    status.messages.push({
      severity: 'warning',
      text: `Ignoring globally-unique for ${top.id} because ${standard} resources such as ${resource.id} can be used only as anonymous clones`,
    });
    top.clone!.nodeMax = 1;
    top.clone!.max = Math.min(top.clone!.max, status.nodes.length);
    makeAnonymous(top);
    makeAnonymous(resource);
  }
  if (!capabilities.promotable && top.promotable) {
    status.messages.push({
      severity: 'error',
      text: `Resource ${resource.id} is of type ${standard} and therefore cannot be used as a promotable clone resource`,
    });
    return false;
  }
  return true;
}

function makeAnonymous(resource: Resource): void {
  resource.unique = false;
  setIfAbsent(resource.meta, 'globally-unique', 'false');
  for (const child of resource.children) makeAnonymous(child);
}

function unpackGroup(status: ClusterStatus, resource: Resource): boolean {
  const isNot = (name: string) => {
    const value = resource.meta.get(name);
    if (value === undefined || !/^(?:false|off|no|n|0)$/i.test(value)) return false;
    warnOnce(
      status,
      `Support for the '${name}' group meta-attribute is deprecated and will be removed in a future release (use a resource set instead)`,
    );
    return true;
  };
  resource.group = { ordered: !isNot('ordered'), colocated: !isNot('collocated') };
  for (const member of resource.xml.elements('primitive')) {
    const child = unpackResource(status, member, resource, resource.instance);
    if (child) resource.children.push(child);
  }
  if (resource.children.length === 0) {
    status.messages.push({
      severity: 'warning',
      text: `Group ${resource.id} will be ignored because it does not have any members`,
    });
  }
  return true;
}

function unpackClone(status: ClusterStatus, resource: Resource): boolean {
  const { meta } = resource;
  const childXml = resource.xml.elements().find(({ name }) => name === 'primitive' || name === 'group');
  const number = (fallback: number, ...names: string[]) => {
    const value = names.map((name) => meta.get(name)).find((text) => text !== undefined);
    remarkOnCount(status, value, 0);
    return value === undefined ? fallback : atLeast(value, 0);
  };
  if (!childXml) {
    status.messages.push({ severity: 'error', text: `${resource.id} has nothing to clone` });
    return false;
  }
  const clone = {
    max: number(Math.max(1, status.nodes.length), 'clone-max'),
    nodeMax: number(1, 'clone-node-max'),
    promotedMax: resource.promotable ? number(1, 'promoted-max', 'master-max') : 0,
    promotedNodeMax: resource.promotable ? number(1, 'promoted-node-max', 'master-node-max') : 0,
    ordered: isTrue(meta.get('ordered')),
    total: 0,
    childXml,
  };
  resource.clone = clone;
  if (!resource.unique && clone.nodeMax > 1) {
    status.messages.push({
      severity: 'error',
      text: `Ignoring promoted-max for ${resource.id} because anonymous clones support only one instance per node`,
    });
    clone.nodeMax = 1;
  }
  if (!meta.has('resource-stickiness')) meta.set('resource-stickiness', '1');
  setIfAbsent(meta, 'globally-unique', String(resource.unique));
  if (clone.max <= 0) return createInstance(status, resource) !== undefined;
  for (let i = 0; i < clone.max; i++) if (!createInstance(status, resource)) return false;
  return true;
}

/** Adds an instance to a clone; one more than clone-max allows is an orphan. */
export function createInstance(status: ClusterStatus, resource: Resource): Resource | undefined {
  const clone = resource.clone!;
  const orphan = clone.total >= clone.max;
  const max = String(clone.max);
  const child = unpackResource(status, clone.childXml, resource, String(clone.total));
  if (!child) return undefined;
  clone.total++;
  resource.children.push(child);
  if (orphan) markOrphan(child);
  setIfAbsent(child.meta, 'clone-max', max);
  return child;
}

function markOrphan(resource: Resource): void {
  resource.orphan = true;
  for (const child of resource.children) markOrphan(child);
}
