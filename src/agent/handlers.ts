import { Element } from '../cib/element.js';
import { parseXml, writeXml } from '../cib/xml.js';
import { isLimited, visibleTo } from '../controller/access.js';
import type { DcRequest } from '../controller/types.js';
import type { ClusterState, Identity, MemberState, Methods } from '../protocol/messages.js';
import { RequestError } from '../protocol/ndjson.js';
import type { Agent } from './agent.js';
import { cmap } from './cmap.js';
import { DEVICE_NODE } from './configuration.js';
import type { Handlers } from './server.js';

/** How long a client waits for the DC before it is told that there is none. */
const REQUEST_MS = 30_000;
const EVENTS_DEFAULT = 1000;
const LOG_LINES_DEFAULT = 10;

/** The agent's methods (protocol/messages.ts). */
export function agentHandlers(agent: Agent, version: string): Handlers {
  const ask = async <T>(request: DcRequest, identity: Identity, timeoutMs = REQUEST_MS): Promise<T> => {
    const answer = await agent.request(request, identity, timeoutMs);
    if (!answer.ok) throw new RequestError(answer.error.code, answer.error.message, answer.error.data);
    return answer.result as T;
  };
  const executor = () => {
    if (!agent.executor) throw new RequestError('failed', 'the executor is not there');
    return agent.executor;
  };
  agent.currentState = () => clusterState(agent, version);

  return {
    'cib.read': ({ scope }, identity) => readCib(agent, scope ?? 'all', identity),
    'cib.patch': ({ patch, base, force, command }, identity) =>
      ask({ kind: 'patch', patch, base, force: force ?? false, command: command ?? '' }, identity),
    'cib.replace': ({ cib, base, force, command }, identity) =>
      ask(
        { kind: 'replace', cib, base: base ?? null, force: force ?? false, command: command ?? '' },
        identity,
      ),
    'cluster.state': () => clusterState(agent, version),
    'cluster.cmap': ({ prefix }) => ({ entries: cmap(agent, prefix ?? '') }),
    'cluster.remarks': () => {
      const { path, remarks } = agent.configuration;
      return { file: path, remarks: [...remarks] };
    },
    'cluster.load': async () => ({ nodes: await agent.members.loadOfAll() }),
    'cluster.log': async ({ about, limit }) => ({
      nodes: await agent.members.logOfAll(about, limit ?? LOG_LINES_DEFAULT),
    }),
    'cluster.wait-idle': ({ timeoutMs }, identity) =>
      ask({ kind: 'wait-idle', timeoutMs }, identity, timeoutMs + 5000),
    'history.events': async ({ sinceMs, limit, all }) => ({
      events: all
        ? await agent.members.eventsOfAll(sinceMs ?? 0, limit ?? EVENTS_DEFAULT)
        : agent.events.since(sinceMs ?? 0, limit ?? EVENTS_DEFAULT),
    }),
    'history.inputs': async ({ all }) => ({
      inputs: all ? await agent.members.inputsOfAll() : agent.inputs.list(),
    }),
    'history.input': async ({ name, node }, identity) => {
      const where = node ?? agent.configuration.nodeName;
      const cib = await agent.members.inputOf(name, where);
      if (cib === null) throw new RequestError('not-found', `${where} keeps no scheduler input ${name}`);
      if (!isLimited(agent.controller.cib, identity, Date.now())) return { cib };
      const shown = visibleTo(parseXml(cib), identity, Date.now());
      if (!shown)
        throw new RequestError('permission-denied', `the ACLs let ${identity.user} see nothing of it`);
      return { cib: writeXml(shown) };
    },
    'attribute.update': ({ node, name, value, dampenMs, private: isPrivate }, identity) =>
      ask(
        {
          kind: 'attribute',
          update: { node, name, value: value ?? null, dampenMs: dampenMs ?? 0, private: isPrivate ?? false },
        },
        identity,
      ),
    'attribute.query': ({ name, node }) => queryAttributes(agent, name, node),
    'resource.cleanup': ({ resource, node, operation, intervalMs, refresh }, identity) =>
      ask(
        {
          kind: 'cleanup',
          resource: resource ?? null,
          node: node ?? null,
          operation: operation ?? null,
          intervalMs: intervalMs ?? null,
          refresh: refresh ?? false,
        },
        identity,
      ),
    'resource.fail': ({ resource, node }, identity) => ask({ kind: 'fail', resource, node }, identity),
    'node.fence': ({ node, action, timeoutMs }, identity) =>
      ask({ kind: 'fence', node, action, timeoutMs }, identity, timeoutMs + 5000),
    'node.confirm-down': async ({ node }, identity) => {
      const result = await ask<Record<string, never>>({ kind: 'confirm-down', node }, identity);
      await agent.fencing.confirm(node, 'stonith_admin');
      return result;
    },
    'fencing.history': async ({ node }) => ({ entries: await agent.fencing.history(node) }),
    'fencing.forget': async ({ node }) => {
      await agent.fencing.forget(node);
      return {};
    },
    'fencing.register': async ({ registration }) => {
      await agent.fencing.register(registration);
      return {};
    },
    'fencing.registered': () => ({ registrations: [...agent.fencing.registered] }),
    'cluster.reload': async () => ({ complaints: await agent.members.reloadAll() }),
    'agent.stop': ({ immediate }) => {
      agent.stop(immediate ?? false);
      return {};
    },
    'agents.list': async (params) => ({ agents: await executor().agents(params.class, params.provider) }),
    'agents.metadata': async (params) => {
      const xml = await executor().metadata(params.class, params.provider, params.type);
      if (xml === null) {
        const name = [params.class, params.provider, params.type].filter(Boolean).join(':');
        throw new RequestError('not-found', `there is no agent ${name}, or it gives no meta-data`);
      }
      return { xml };
    },
  };
}

function readCib(
  agent: Agent,
  scope: 'all' | 'configuration' | 'status',
  identity: Identity,
): Methods['cib.read']['result'] {
  const { version } = agent.controller;
  const cib = agent.access.readable(identity);
  if (!cib)
    throw new RequestError('permission-denied', `the ACLs let ${identity.user} see nothing of the CIB`);
  if (scope === 'all') return { cib: writeXml(cib, { indent: false }), version };
  const section = cib.first(scope);
  const holder = new Element('cib', cib.attributes, section ? [section] : []);
  return { cib: writeXml(holder, { indent: false }), version };
}

function clusterState(agent: Agent, version: string): ClusterState {
  const { view, controller, configuration } = agent;
  const { membership, corosync, nodeName } = configuration;
  const linksUsed = configuration.links.length;
  const nodes = membership.nodes.filter((node) => node.node !== DEVICE_NODE);
  const members = nodes.map((node): MemberState => {
    const isSelf = node.node === membership.self;
    const linkLatencyMs = Array.from({ length: linksUsed }, (_, link) => {
      if (isSelf) return 0;
      const state = agent.links.find((one) => one.node === node.node && one.link === link);
      return state?.latencyMs ?? null;
    });
    const online = view?.members.some((member) => member.node === node.node) ?? false;
    return {
      nodeId: node.node,
      name: node.name,
      online,
      votes: node.votes,
      addresses: node.addresses,
      linkLatencyMs,
      version: isSelf ? version : null,
    };
  });
  return {
    clusterName: corosync.totem.clusterName,
    localNode: nodeName,
    dc: controller.dc,
    quorate: view?.quorum.quorate ?? false,
    viewId: view?.id.epoch ?? 0,
    votes: {
      expected: view?.quorum.expectedVotes ?? 0,
      total: view?.quorum.totalVotes ?? 0,
      quorum: view?.quorum.quorum ?? 0,
    },
    members,
    device: deviceState(agent),
    transition: controller.transition,
  };
}

/** The arbiter of `quorum.device`, as this node sees it. */
function deviceState(agent: Agent): NonNullable<ClusterState['device']> | null {
  const device = agent.configuration.membership.nodes.find((node) => node.node === DEVICE_NODE);
  if (!device) return null;
  return {
    host: device.name,
    votes: device.votes,
    votesHere: agent.view?.members.some((member) => member.node === DEVICE_NODE) ?? false,
  };
}

function queryAttributes(
  agent: Agent,
  name: string | undefined,
  node: string | undefined,
): Methods['attribute.query']['result'] {
  const attributes = agent.configuration.membership.nodes
    .filter((one) => node === undefined || one.name === node)
    .flatMap((one) =>
      Object.entries(agent.controller.attributesOf(one.name))
        .filter(([attribute]) => name === undefined || attribute === name)
        .map(([attribute, value]) => ({ node: one.name, name: attribute, value })),
    );
  return { attributes };
}
