import { toCmap } from '../../grammar/corosync/cmap.js';
import { formatMembers } from '../membership/view.js';
import type { Methods } from '../protocol/messages.js';
import type { Agent } from './agent.js';
import { DEVICE_NODE } from './configuration.js';
import { statistics } from './statistics.js';

export type CmapEntries = Methods['cluster.cmap']['result']['entries'];

/**
 * The keys that Corosync 3.1 has, as far as they mean something here: those of its file, what it derives from them, and
 * those of the running cluster. Keys below `stats.` are Corosync's second map (`corosync-cmapctl -m stats`).
 */
export function cmap(agent: Agent, prefix: string): CmapEntries {
  const { view, configuration } = agent;
  const { totem } = configuration.corosync;
  const entries: CmapEntries = toCmap(configuration.file).map(({ key, type, value }) => ({
    key,
    type,
    value,
  }));
  const known = new Set(entries.map((entry) => entry.key));
  const put = (key: string, type: string, value: string | number): void => {
    if (!known.has(key)) entries.push({ key, type, value: String(value) });
  };
  const nodes = configuration.membership.nodes.filter((node) => node.node !== DEVICE_NODE);
  const position = nodes.findIndex((node) => node.node === configuration.membership.self);
  if (position >= 0) put('nodelist.local_node_pos', 'u32', position);
  configuration.links.forEach((link, number) => {
    put(`totem.interface.${number}.bindnetaddr`, 'str', link.address);
  });

  const settings: Readonly<Record<string, number>> = {
    block_unlisted_ips: totem.blockUnlistedIps ? 1 : 0,
    consensus: totem.consensusMs,
    downcheck: totem.downcheckMs,
    fail_recv_const: totem.failRecv,
    heartbeat_failures_allowed: totem.heartbeatFailuresAllowed,
    hold: totem.holdMs,
    join: totem.joinMs,
    max_messages: totem.maxMessages,
    max_network_delay: totem.maxNetworkDelayMs,
    merge: totem.mergeMs,
    miss_count_const: totem.missCount,
    send_join: totem.sendJoinMs,
    seqno_unchanged_const: totem.seqnoUnchanged,
    token: totem.tokenMs,
    token_retransmit: totem.tokenRetransmitMs,
    token_retransmits_before_loss_const: totem.tokenRetransmitsBeforeLoss,
    token_warning: totem.tokenWarning,
    window_size: totem.windowSize,
  };
  for (const [name, value] of Object.entries(settings)) put(`runtime.config.totem.${name}`, 'u32', value);

  if (totem.transport === 'knet') {
    for (const { linkNumber, knetPingIntervalMs, knetPingTimeoutMs } of totem.interfaces) {
      const key = `runtime.config.totem.interface.${linkNumber}`;
      put(`${key}.knet_ping_interval`, 'u32', knetPingIntervalMs);
      put(`${key}.knet_ping_timeout`, 'u32', knetPingTimeoutMs);
    }
  }
  for (const node of nodes) {
    const joins = agent.joinCount(node.node);
    if (joins === 0) continue;
    const online = view?.members.some((member) => member.node === node.node) ?? false;
    const key = `runtime.members.${node.node}`;
    put(`${key}.config_version`, 'u64', totem.configVersion);
    put(`${key}.ip`, 'str', node.addresses.map((address, link) => `r(${link}) ip(${address}) `).join(''));
    put(`${key}.join_count`, 'u32', joins);
    put(`${key}.status`, 'str', online ? 'joined' : 'left');
  }
  const quorum = view?.quorum;
  const ids = nodes.map((node) => node.node).filter((id) => view?.members.some(({ node }) => node === id));
  put('runtime.votequorum.ev_barrier', 'u32', quorum?.expectedVotes ?? 0);
  put('runtime.votequorum.highest_node_id', 'u32', ids.length > 0 ? Math.max(...ids) : 0);
  put('runtime.votequorum.lowest_node_id', 'u32', ids.length > 0 ? Math.min(...ids) : 0);
  put('runtime.votequorum.this_node_id', 'u32', configuration.membership.self);
  put('runtime.votequorum.two_node', 'u8', quorum?.flags.includes('2Node') ? 1 : 0);
  if (quorum?.flags.includes('WaitForAll')) {
    put('runtime.votequorum.wait_for_all_status', 'u8', quorum.waitingForAll ? 1 : 0);
  }
  if (configuration.corosync.quorum.device) {
    put('runtime.votequorum.qdevice_can_operate', 'u8', 1);
    put('runtime.votequorum.qdevice_master_wins', 'u8', 0);
  }
  put('runtime.protocol', 'u32', view?.protocol ?? 0);
  put('runtime.quorate', 'u8', quorum?.quorate ? 1 : 0);
  put(
    'runtime.view',
    'str',
    view ? `${view.id.epoch}.${view.id.coordinator} ${formatMembers(view.members)}` : '',
  );
  return [...entries, ...statistics(agent)]
    .filter((entry) => entry.key.startsWith(prefix))
    .sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
}
