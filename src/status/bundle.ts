import { parseBoolean } from '../cib/boolean.js';
import { Element } from '../cib/element.js';
import { sanitizeId } from '../cib/ids.js';
import { INFINITY } from '../cib/score.js';
import { atLeast } from './at-least.js';
import { createNode, findNode } from './nodes.js';
import { setIfAbsent } from './nvpairs.js';
import { remoteConnectionXml } from './remote-xml.js';
import type { BundleReplica, BundleSettings, ClusterNode, ClusterStatus, Resource } from './types.js';

type Unpack = (
  status: ClusterStatus,
  xml: Element,
  parent: Resource,
  instance?: string,
) => Resource | undefined;

const AGENTS = ['docker', 'rkt', 'podman'] as const;
const REMOTE_PORT = '3121';
const REMOTE_KEY = '/etc/pacemaker/authkey';
const BUNDLE_LOGS = '/var/log/pacemaker/bundles';
const REMOTE_DAEMON = '/usr/sbin/pacemaker-remoted';

interface Mount {
  readonly source: string;
  readonly target: string;
  readonly options: string | undefined;
  /** A subdirectory of the source for each replica. */
  readonly perReplica: boolean;
}

interface Port {
  readonly source: string;
  readonly target: string;
}

/** What a bundle's containers are made from. */
interface Plan {
  readonly settings: BundleSettings;
  readonly prefix: string;
  readonly agentXml: Element;
  readonly network: Element | undefined;
  readonly controlPort: string | undefined;
  readonly ipRangeStart: string | undefined;
  readonly mounts: Mount[];
  readonly ports: Port[];
  hostOptions: string;
}

/**
 * Makes the implicit resources of a bundle: for each replica a container, an address, a connection, and the
 * instance of the bundled primitive ("Pacemaker Explained", Bundles).
 */
export function unpackBundle(status: ClusterStatus, bundle: Resource, unpack: Unpack): boolean {
  const agent = AGENTS.find((name) => bundle.xml.first(name));
  if (!agent) return false;
  const agentXml = bundle.xml.first(agent)!;
  const promotedMax = atLeast(agentXml.get('promoted-max') ?? agentXml.get('masters') ?? '0', 0);
  const replicas = agentXml.get('replicas');
  const network = bundle.xml.first('network');
  const settings: BundleSettings = {
    agent,
    image: agentXml.get('image') ?? '',
    promotedMax,
    replicaCount: replicas === undefined && promotedMax > 0 ? promotedMax : atLeast(replicas, 1),
    replicasPerHost: atLeast(agentXml.get('replicas-per-host'), 1),
    child: undefined,
    replicas: [],
    attributeTarget: undefined,
  };
  if (settings.replicasPerHost === 1) bundle.unique = false;
  bundle.bundle = settings;
  const plan: Plan = {
    settings,
    prefix: bundle.id,
    agentXml,
    network,
    controlPort: network?.get('control-port'),
    ipRangeStart: network?.get('ip-range-start'),
    mounts: readMounts(status, bundle.xml.first('storage')),
    ports: readPorts(status, network),
    hostOptions: '',
  };
  const primitive = bundle.xml.first('primitive');
  if (primitive) {
    if (!hasNetwork(status, plan)) {
      status.messages.push({
        severity: 'error',
        text: `Cannot control ${bundle.id} inside ${primitive.id} without either ip-range-start or control-port`,
      });
      return false;
    }
    if (!unpackBundled(status, bundle, plan, primitive, unpack)) return false;
  } else {
    for (let offset = 0; offset < settings.replicaCount; offset++) {
      settings.replicas.push(newReplica(offset, undefined));
    }
  }
  assignAddresses(plan);
  for (const replica of settings.replicas) {
    if (!makeReplica(status, bundle, plan, replica, unpack)) {
      status.messages.push({ severity: 'error', text: `Failed unpacking resource ${bundle.id}` });
      return false;
    }
    if (replica.child) {
      const empty = replica.container.utilization;
      replica.container.utilization = replica.child.utilization;
      replica.child.utilization = empty;
    }
  }
  if (settings.child) bundle.children.push(settings.child);
  return true;
}

function newReplica(offset: number, child: Resource | undefined): BundleReplica {
  return {
    offset,
    child,
    ipAddress: undefined,
    ip: undefined,
    container: undefined as unknown as Resource,
    remote: undefined,
    node: undefined,
  };
}

function readMounts(status: ClusterStatus, storage: Element | undefined): Mount[] {
  const mounts: Mount[] = [];
  for (const xml of storage?.elements() ?? []) {
    const root = xml.get('source-dir-root');
    const source = xml.get('source-dir') ?? root;
    const target = xml.get('target-dir');
    if (source !== undefined && target !== undefined) {
      const perReplica = xml.get('source-dir') === undefined;
      mounts.push({ source, target, options: xml.get('options'), perReplica });
    } else status.messages.push({ severity: 'error', text: `Invalid mount directive ${xml.id}` });
  }
  return mounts;
}

function readPorts(status: ClusterStatus, network: Element | undefined): Port[] {
  const ports: Port[] = [];
  for (const xml of network?.elements() ?? []) {
    const port = xml.get('port');
    const source = port ?? xml.get('range');
    if (source) ports.push({ source, target: (port && xml.get('internal-port')) ?? source });
    else status.messages.push({ severity: 'error', text: `Invalid port directive ${xml.id}` });
  }
  return ports;
}

/** Whether replicas can be reached, by an address of their own or a port of the host. */
function hasNetwork(status: ClusterStatus, plan: Plan): boolean {
  if (plan.ipRangeStart !== undefined) return true;
  if (plan.controlPort === undefined) return false;
  if (plan.settings.replicasPerHost > 1) {
    status.messages.push({
      severity: 'error',
      text: `Specifying the 'control-port' for ${plan.prefix} requires 'replicas-per-host=1'`,
    });
    plan.settings.replicasPerHost = 1;
  }
  return true;
}

function pair(name: string, value: string): Element {
  return new Element('nvpair', { name, value });
}

/** Makes the clone around the bundled primitive, and a replica for each of its instances. */
function unpackBundled(
  status: ClusterStatus,
  bundle: Resource,
  plan: Plan,
  primitive: Element,
  unpack: Unpack,
): boolean {
  const { settings, prefix } = plan;
  const meta = [
    pair('ordered', 'true'),
    pair('clone-max', String(settings.replicaCount)),
    pair('clone-node-max', String(settings.replicasPerHost)),
    pair('globally-unique', String(settings.replicasPerHost > 1)),
  ];
  if (settings.promotedMax) {
    meta.push(pair('promotable', 'true'), pair('promoted-max', String(settings.promotedMax)));
  }
  const clone = new Element('clone', { id: `${prefix}-${settings.promotedMax ? 'master' : 'clone'}` }, [
    new Element('meta_attributes', { id: `${prefix}-clone-meta` }, meta),
    primitive,
  ]);
  const child = unpack(status, clone, bundle);
  if (!child) return false;
  settings.child = child;
  plan.mounts.push({ source: REMOTE_KEY, target: REMOTE_KEY, options: undefined, perReplica: false });
  if (!plan.mounts.some((mount) => mount.target === '/var/log')) {
    plan.mounts.push({ source: BUNDLE_LOGS, target: '/var/log', options: undefined, perReplica: true });
  }
  const port = plan.controlPort ?? REMOTE_PORT;
  plan.ports.push({ source: port, target: port });
  let target: string | undefined;
  for (const [offset, instance] of child.children.entries()) {
    instance.exclusiveDiscovery = true;
    if (instance.notify) child.notify = true;
    settings.replicas.push(newReplica(offset, instance));
    target = instance.meta.get('container-attribute-target');
  }
  settings.attributeTarget = target;
  if (target !== undefined) {
    bundle.meta.set('container-attribute-target', target);
    child.meta.set('container-attribute-target', target);
  }
  return true;
}

function nextAddress(address: string): string | undefined {
  const match = /^(\d+)\.(\d+)\.(\d+)\.(\d+)/.exec(address);
  if (!match) return undefined;
  const [a, b, c, d] = match.slice(1).map(Number) as [number, number, number, number];
  if (c > 253) return undefined;
  return d > 253 ? `${a}.${b}.${c + 1}.1` : `${a}.${b}.${c}.${d + 1}`;
}

/** Gives each replica its address, and tells every container all of them. */
function assignAddresses(plan: Plan): void {
  if (plan.ipRangeStart === undefined) return;
  const addHost = parseBoolean(plan.network?.get('add-host')) ?? true;
  const { agent, replicas } = plan.settings;
  let last: string | undefined;
  for (const replica of replicas) {
    replica.ipAddress = last === undefined ? plan.ipRangeStart : nextAddress(last);
    last = replica.ipAddress;
    const name = `${plan.prefix}-${replica.offset}`;
    plan.hostOptions +=
      agent !== 'rkt' && addHost
        ? ` --add-host=${name}:${replica.ipAddress}`
        : ` --hosts-entry=${replica.ipAddress}=${name}`;
  }
}

function implicitPrimitive(
  id: string,
  provider: string,
  type: string,
  pairs: Element[],
  setId: string,
): Element {
  const named = pairs.map((one) => {
    const name = one.get('name')!;
    return new Element('nvpair', { id: `${setId}-${name}`, name, value: one.get('value')! });
  });
  const monitor = new Element('op', { id: `${id}-monitor-60s`, interval: '60s', name: 'monitor' });
  return new Element('primitive', { id, class: 'ocf', provider, type }, [
    new Element('instance_attributes', { id: setId }, named),
    new Element('operations', [], [monitor]),
  ]);
}

function makeReplica(
  status: ClusterStatus,
  bundle: Resource,
  plan: Plan,
  replica: BundleReplica,
  unpack: Unpack,
): boolean {
  const container = unpack(status, containerXml(plan, replica), bundle);
  if (!container) return false;
  replica.container = container;
  bundle.children.push(container);
  if (plan.ipRangeStart !== undefined) {
    replica.ip = unpack(status, addressXml(plan, replica), bundle);
    if (!replica.ip) return false;
    bundle.children.push(replica.ip);
  }
  if (replica.child && hasNetwork(status, plan) && !makeConnection(status, bundle, plan, replica, unpack)) {
    return false;
  }
  if (replica.child && replica.ipAddress !== undefined) {
    setIfAbsent(replica.child.meta, 'external-ip', replica.ipAddress);
  }
  if (replica.remote) replica.remote.allowRemoteConnections = true;
  return true;
}

function addressXml(plan: Plan, replica: BundleReplica): Element {
  const pairs = [pair('ip', replica.ipAddress ?? '')];
  const nic = plan.network?.get('host-interface');
  if (nic !== undefined) pairs.push(pair('nic', nic));
  pairs.push(pair('cidr_netmask', plan.network?.get('host-netmask') ?? '32'));
  const id = sanitizeId(`${plan.prefix}-ip-${replica.ipAddress}`);
  return implicitPrimitive(id, 'heartbeat', 'IPaddr2', pairs, `${plan.prefix}-attributes-${replica.offset}`);
}

function containerXml(plan: Plan, replica: BundleReplica): Element {
  const { agent, image } = plan.settings;
  const pairs = [
    pair('image', image),
    pair('allow_pull', 'true'),
    pair('force_kill', 'false'),
    pair('reuse', 'false'),
  ];
  const { options, mountPoints } = runOptions(plan, replica);
  pairs.push(pair('run_opts', options), pair('mount_points', mountPoints));
  const command = plan.agentXml.get('run-command') ?? (replica.child ? REMOTE_DAEMON : undefined);
  if (command !== undefined) pairs.push(pair('run_cmd', command));
  pairs.push(pair('monitor_cmd', '/bin/true'));
  const id = sanitizeId(`${plan.prefix}-${agent}-${replica.offset}`);
  return implicitPrimitive(id, 'heartbeat', agent, pairs, `${plan.prefix}-attributes-${replica.offset}`);
}

/** The container's command line, as the resource agents take it. */
function runOptions(plan: Plan, replica: BundleReplica): { options: string; mountPoints: string } {
  const { agent } = plan.settings;
  const rkt = agent === 'rkt';
  const environment = rkt ? '--environment=' : '-e ';
  const name = `${plan.prefix}-${replica.offset}`;
  const containerNetwork = plan.agentXml.get('network');
  const mountPoints: string[] = [];
  let options = agent === 'docker' ? ' --restart=no' : '';
  if (plan.ipRangeStart !== undefined) options += ` ${rkt ? '--hostname=' : '-h '}${name}`;
  options += ` ${environment}PCMK_stderr=1`;
  if (containerNetwork !== undefined) options += ` --net=${containerNetwork}`;
  options += ` ${environment}PCMK_remote_port=${plan.controlPort ?? REMOTE_PORT}`;
  for (const [volume, mount] of plan.mounts.entries()) {
    const source = mount.perReplica ? `${mount.source}/${name}` : mount.source;
    if (mount.perReplica) mountPoints.push(source);
    if (rkt) {
      const more = mount.options === undefined ? '' : `,${mount.options}`;
      options += ` --volume vol${volume},kind=host,source=${source}${more} --mount volume=vol${volume},target=${mount.target}`;
    } else {
      options += ` -v ${source}:${mount.target}${mount.options === undefined ? '' : `:${mount.options}`}`;
    }
  }
  for (const { source, target } of plan.ports) {
    const address = replica.ipAddress;
    if (rkt) options += ` --port=${target}:${address === undefined ? '' : `${address}:`}${source}`;
    else if (address !== undefined) options += ` -p ${address}:${source}:${target}`;
    else if (containerNetwork !== 'host') options += ` -p ${source}:${target}`;
  }
  const more = plan.agentXml.get('options');
  if (more !== undefined) options += ` ${more}`;
  return { options: `${options} ${plan.hostOptions}`, mountPoints: mountPoints.join(',') };
}

/** Makes the connection into a container, and the guest node that the container is. */
function makeConnection(
  status: ClusterStatus,
  bundle: Resource,
  plan: Plan,
  replica: BundleReplica,
  unpack: Unpack,
): boolean {
  const child = replica.child!;
  let id = `${plan.prefix}-${replica.offset}`;
  if (status.resourcesById.has(id)) id = `pcmk-internal-${child.id}-remote-${replica.offset}`;
  const xml = remoteConnectionXml(id, {
    containerId: replica.container.id,
    server: replica.ipAddress ?? '#uname',
    port: plan.controlPort ?? REMOTE_PORT,
  });
  let node = findNode(status, id);
  if (node) node.score = -INFINITY;
  else node = createNode(status, id, id, 'remote', '-INFINITY');
  node.discovery = 'never';
  for (const resource of status.resources) disallow(resource, node);
  replica.node = node;
  child.allowed = new Map([[node, { node, score: 500, discovery: 'exclusive', count: 0 }]]);
  child.parent!.allowed.set(node, { node, score: -INFINITY, discovery: 'exclusive', count: 0 });
  const remote = unpack(status, xml, bundle);
  if (!remote) return false;
  replica.remote = remote;
  for (const candidate of remote.allowed.values()) {
    if (candidate.node.isGuestOrRemote) candidate.score = -INFINITY;
  }
  node.remoteResource = remote;
  remote.container = replica.container;
  node.attributes.set('#kind', 'container');
  bundle.children.push(remote);
  return true;
}

function disallow(resource: Resource, node: ClusterNode): void {
  const candidate = resource.allowed.get(node);
  if (candidate) {
    candidate.score = -INFINITY;
    candidate.discovery = 'never';
  }
  for (const child of resource.children) disallow(child, node);
}
