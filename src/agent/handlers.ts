import { toCmap } from '../../grammar/corosync/cmap.js';
import { Element } from '../cib/element.js';
import { writeXml } from '../cib/xml.js';
import type { DcRequest } from '../controller/types.js';
import { formatMembers } from '../membership/view.js';
import type { ClusterState, Identity, MemberState, Methods } from '../protocol/messages.js';
import { RequestError } from '../protocol/ndjson.js';
import type { Agent } from './agent.js';
import type { Handlers } from './server.js';

/** How long a client waits for the DC before it is told that there is none. */
const REQUEST_MS = 30_000;
const EVENTS_DEFAULT = 1000;

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
    'cib.read': ({ scope }) => readCib(agent, scope ?? 'all'),
    'cib.patch': ({ patch, base, force, command }, identity) =>
      ask({ kind: 'patch', patch, base, force: force ?? false, command: command ?? '' }, identity),
    'cib.replace': ({ cib, base, force, command }, identity) =>
      ask(
        { kind: 'replace', cib, base: base ?? null, force: force ?? false, command: command ?? '' },
        identity,
      ),
    'cluster.state': () => clusterState(agent, version),
    'cluster.cmap': ({ prefix }) => ({ entries: cmap(agent, prefix ?? '') }),
    'cluster.wait-idle': ({ timeoutMs }, identity) =>
      ask({ kind: 'wait-idle', timeoutMs }, identity, timeoutMs + 5000),
    'history.events': async ({ sinceMs, limit, all }) => ({
      events: all
        ? await agent.eventsOfAll(sinceMs ?? 0, limit ?? EVENTS_DEFAULT)
        : agent.events.since(sinceMs ?? 0, limit ?? EVENTS_DEFAULT),
    }),
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

function readCib(agent: Agent, scope: 'all' | 'configuration' | 'status'): Methods['cib.read']['result'] {
  const { cib, version } = agent.controller;
  if (scope === 'all') return { cib: writeXml(cib, { indent: false }), version };
  const section = cib.first(scope);
  const holder = new Element('cib', cib.attributes, section ? [section] : []);
  return { cib: writeXml(holder, { indent: false }), version };
}

function clusterState(agent: Agent, version: string): ClusterState {
  const { view, controller, configuration } = agent;
  const { membership, corosync, nodeName } = configuration;
  const linksUsed = configuration.links.length;
  const members = membership.nodes.map((node): MemberState => {
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
    transition: controller.transition,
  };
}

type CmapEntries = Methods['cluster.cmap']['result']['entries'];

/** The keys that Corosync has: those of its file, and those of the running cluster. */
function cmap(agent: Agent, prefix: string): CmapEntries {
  const { view, configuration } = agent;
  const entries: CmapEntries = toCmap(configuration.file).map(({ key, type, value }) => ({
    key,
    type,
    value,
  }));
  const put = (key: string, type: string, value: string | number) =>
    entries.push({ key, type, value: String(value) });
  for (const node of configuration.membership.nodes) {
    const joins = agent.joinCount(node.node);
    if (joins === 0) continue;
    const online = view?.members.some((member) => member.node === node.node) ?? false;
    const key = `runtime.members.${node.node}`;
    put(`${key}.config_version`, 'u64', configuration.corosync.totem.configVersion);
    put(`${key}.ip`, 'str', node.addresses.map((address, link) => `r(${link}) ip(${address}) `).join(''));
    put(`${key}.join_count`, 'u32', joins);
    put(`${key}.status`, 'str', online ? 'joined' : 'left');
  }
  const quorum = view?.quorum;
  put('runtime.votequorum.ev_barrier', 'u32', quorum?.expectedVotes ?? 0);
  put('runtime.votequorum.this_node_id', 'u32', configuration.membership.self);
  put('runtime.votequorum.two_node', 'u8', quorum?.flags.includes('2Node') ? 1 : 0);
  put('runtime.quorate', 'u8', quorum?.quorate ? 1 : 0);
  put(
    'runtime.view',
    'str',
    view ? `${view.id.epoch}.${view.id.coordinator} ${formatMembers(view.members)}` : '',
  );
  return entries
    .filter((entry) => entry.key.startsWith(prefix))
    .sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
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
