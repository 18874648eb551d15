import type { Directive, HaCf } from '../../../grammar/heartbeat/ast.js';
import type { Note, Outcome } from './types.js';

/** What becomes of a directive that the converters do not speak of themselves. */
interface Fate {
  readonly outcome: Outcome;
  readonly text: string | ((directive: Directive, haCf: HaCf) => string);
}

const kept = (text: Fate['text']): Fate => ({ outcome: 'kept', text });
const dropped = (text: Fate['text']): Fate => ({ outcome: 'dropped', text });
const changed = (text: Fate['text']): Fate => ({ outcome: 'changed', text });
const todo = (text: Fate['text']): Fate => ({ outcome: 'todo', text });

/** Said where it is converted: resources.ts. */
const ELSEWHERE: ReadonlySet<string> = new Set(['auto_failback', 'nice_failback', 'ping', 'ping_group']);

/** Programs that belonged to Heartbeat and are not needed any more. */
const HEARTBEATS_OWN =
  /\/(ipfail|ccm|cib|crmd|lrmd|stonithd|attrd|pengine|mgmtd|cibmon|pingd|cl_status|logd|ha_logd)$/;

export const FATES: Readonly<Record<string, Fate>> = {
  node: kept('nodelist of corosync.conf'),
  autojoin: changed((_, { autojoin }) =>
    autojoin === 'none'
      ? 'nodes are those of the nodelist'
      : 'nodes do not join by themselves; "crm cluster join -c NODE" makes a host one',
  ),
  keepalive: dropped('heartbeats are sent several times in a token, as often as it needs'),
  deadtime: kept(({ values }, { timing }) => {
    const ms = timing.deadtimeMs ?? 0;
    const hint = ms > 3000 ? '; 3000 is usual today, a takeover then takes about 3 s' : '';
    return `totem.token: ${ms}: a node that is silent for ${values[0]!.text}${/\d$/.test(values[0]!.text) ? ' s' : ''} is lost${hint}`;
  }),
  warntime: dropped('late heartbeats are in the log of quorated, and "crm cluster status" shows the latency'),
  initdead: changed(
    'a node that starts alone starts its resources without waiting (wait_for_all: 0); set it to 1, and it waits until it has seen the other',
  ),
  deadping: kept('interval and timeout of the ping clone'),
  udpport: kept(
    ({ values }) => `mcastport ${values[0]!.text}: nodes need UDP and TCP on it between each other`,
  ),
  baud: dropped('there are no serial links'),
  serial: todo('there are no serial links: give the nodes a second network, as "bcast eth1"'),
  bcast: changed('a link; packets go to each node by itself, and are encrypted'),
  ucast: kept('a link; packets are encrypted'),
  ucast6: kept('a link; packets are encrypted'),
  mcast: changed('a link; packets go to each node by itself, and are encrypted'),
  mcast6: changed('a link; packets go to each node by itself, and are encrypted'),
  msgfmt: dropped('the format on the wire is another'),
  hopfudge: dropped('it was for serial rings'),
  compression: dropped('messages are small'),
  compression_threshold: dropped('messages are small'),
  traditional_compression: dropped('messages are small'),
  hbaping: todo('fibre channel cards are not watched; storage is, by the agent that uses it'),
  respawn: todo(({ values }) => {
    const [user, program] = values.map(({ text }) => text);
    return `${program} is not started by the cluster: make it a systemd service of ${user}, or a clone of ocf:heartbeat:anything`;
  }),
  crm: kept((_, { crm }) => (crm ? 'the configuration is a CIB' : 'resources are those of haresources')),
  pacemaker: kept((_, { crm }) =>
    crm ? 'the configuration is a CIB' : 'resources are those of haresources',
  ),
  stonith: todo('Heartbeat’s fence device must be made anew: see "crm ra list stonith"'),
  stonith_host: todo('Heartbeat’s fence device must be made anew: see "crm ra list stonith"'),
  watchdog: todo('the watchdog is not used; a fence device does what it was for, and more'),
  debug: kept((_, { debugLevel }) => (debugLevel > 0 ? 'logging.debug: on' : 'no debugging')),
  debugfile: changed('debugging goes to the same log'),
  logfile: kept('logging.logfile of corosync.conf; quorated itself writes /var/log/quorate/quorated.log'),
  logfacility: kept((_, { logFacility }) =>
    logFacility === 'none' ? 'logging.to_syslog: no' : `logging.syslog_facility: ${logFacility}`,
  ),
  use_logd: dropped('there is no daemon for logging'),
  conn_logd_time: dropped('there is no daemon for logging'),
  log_badpack: dropped('packets that are not authentic are counted and dropped'),
  syslogmsgfmt: dropped('the log has one format'),
  apiauth: dropped('members of the group haclient may administer; see "crm configure help role" for less'),
  realtime: kept('the heartbeat thread runs under a real-time policy where it may'),
  rtprio: dropped('the priority is chosen'),
  coredumps: dropped('the agent is no C program'),
  hbgenmethod: dropped('generations are kept on disk'),
  uuidfrom: dropped('nodes are known by name and nodeid'),
  hbversion: dropped('there is one version'),
  crm_daemon_dir: dropped('there are no such daemons'),
  crmd_spawns_pengine: dropped('there are no such daemons'),
  memreserve: dropped('memory is not reserved'),
  quorum_server: todo('a third machine as arbiter does this: see "arbiter" in corosync.conf'),
  cluster: kept('the name of the cluster'),
  env: dropped('agents have the environment that OCF says'),
};

/** A note for each directive that no converter spoke of, in the order of the file. */
export function directiveNotes(haCf: HaCf): Note[] {
  return haCf.directives.flatMap((directive): Note[] => {
    if (ELSEWHERE.has(directive.name)) return [];
    const what = [directive.name, ...directive.values.map(({ text }) => text)].join(' ');
    const where = `ha.cf:${directive.place.line}`;
    if (directive.name === 'respawn' && HEARTBEATS_OWN.test(directive.values[1]!.text)) {
      const ipfail = /ipfail$/.test(directive.values[1]!.text);
      const text = ipfail
        ? 'the ping clone and its location rules do this'
        : 'a part of Heartbeat that is not needed';
      return [{ outcome: ipfail ? 'kept' : 'dropped', what, where, text }];
    }
    const fate = FATES[directive.name]!;
    return [
      {
        outcome: fate.outcome,
        what,
        where,
        text: typeof fate.text === 'string' ? fate.text : fate.text(directive, haCf),
      },
    ];
  });
}
