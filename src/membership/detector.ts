import { commonProtocol, FIRST_PROTOCOL, type ProtocolRange } from './protocol.js';
import { sameStanding } from './standing.js';
import type {
  BootId,
  Heard,
  IndirectPeer,
  NodeId,
  PeerSummary,
  Reachability,
  ReachablePeer,
  Timing,
} from './types.js';

/** What one node sends to another over one link, many times a second. */
export interface Heartbeat {
  /** The sender's monotonic clock in ms, to be given back. */
  readonly sentAtMs: number;
  /** Runs of the receiver that the sender hears on this link. Without it a heartbeat proves nothing: it may be old. */
  readonly echoes: readonly Echo[];
  /** Whom the sender hears both ways, on any link. */
  readonly hears: readonly Heard[];
  /** The same of the nodes it hears, as they said it last. */
  readonly rows: readonly IndirectPeer[];
  readonly summary: PeerSummary;
  /** Another number means that `hears`, `rows` or `summary` may differ from before. */
  readonly generation: number;
}

export interface Echo {
  readonly boot: BootId;
  /** `sentAtMs` of the last heartbeat from that run. */
  readonly sentAtMs: number;
  /** How long ago that was, on the sender's clock. */
  readonly ageMs: number;
}

type Content = Omit<Heartbeat, 'sentAtMs' | 'echoes'>;

export interface OutgoingHeartbeat {
  readonly to: NodeId;
  readonly link: number;
  readonly heartbeat: Heartbeat;
}

export interface LinkState {
  readonly node: NodeId;
  readonly link: number;
  readonly twoWay: boolean;
  /** Round trip; null while nothing came back. */
  readonly latencyMs: number | null;
}

/** A peer that has come into reach, is getting silent, or is out of reach. */
export interface DetectorNews {
  readonly kind: 'heard' | 'suspected' | 'lost' | 'incompatible';
  readonly node: NodeId;
  /** Since when nothing was heard, by the clock of this node. */
  readonly silentMs: number;
  /** Of one that is incompatible. */
  readonly protocol?: ProtocolRange;
}

export interface DetectorConfig {
  readonly self: NodeId;
  readonly boot: BootId;
  readonly peers: readonly { readonly node: NodeId; readonly links: number }[];
  readonly timing: Timing;
}

/** At most this many runs of one peer are answered: a replayed old one must not crowd out the present one. */
const RUNS_MAX = 3;
/**
 * So many heartbeats before its token runs out a silent node is suspected: by so much two nodes may differ about when they
 * have lost a third, by the tick that judges.
 */
const SUSPECTED_HEARTBEATS = 0.5;
/** A node may act for a heartbeat after silence was judged (`hasListened`): it stops so much before others suspect it. */
const UNCONFIRMED_HEARTBEATS = SUSPECTED_HEARTBEATS + 1;
/** A link that was lost again within this time of the last loss is let back in only after a growing while. */
const FLAP_MEMORY_MS = 60_000;
const HOLD_DOWN_MAX_MS = 30_000;

interface Link {
  /** When the last heartbeat of this run came in here; -Infinity: never. */
  heardAtMs: number;
  sentAtMs: number;
  /** When we sent what the last heartbeat says was heard of us; -Infinity: it says nothing. */
  echoedAtMs: number;
  /** When what was given back was younger than a token, last. */
  freshAtMs: number;
  twoWay: boolean;
  latencyMs: number | null;
  lostAtMs: number;
  holdDownMs: number;
  usableFromMs: number;
}

interface Run {
  readonly boot: BootId;
  readonly links: Link[];
  hears: readonly Heard[];
  rows: readonly IndirectPeer[];
  summary: PeerSummary;
  generation: number;
  lastHeardMs: number;
}

interface Peer {
  readonly node: NodeId;
  readonly linkCount: number;
  /** The run that answers us; others in `runs` are heard, but have not shown that they hear us. */
  current: BootId | null;
  /** Its silence was noticed. */
  silent: boolean;
  /** Its token is about to run out. */
  suspected: boolean;
  /** It may not have heard us for nearly a token. */
  unconfirmed: boolean;
  readonly runs: Map<BootId, Run>;
}

/**
 * Failure detection: who is heard both ways, on which link, and who has fallen silent for a token.
 *
 * A heartbeat counts only when it gives back this run's boot id, so a recorded one from an earlier run cannot make a
 * dead node seem alive, and a link that works in one direction counts for neither end.
 *
 * Who acts on being heard and who gives a silent node up must not both go by the same moment, for packets take their time.
 * A node is lost a token after it was heard last. It may itself count on being heard only from when it sent what the other
 * has given back, which was heard no earlier: so its time is over first, however late packets are.
 */
export class Detector {
  #config: DetectorConfig;
  readonly #peers = new Map<NodeId, Peer>();
  #summary: PeerSummary = { view: null, viewSize: 0, quorate: false, leaving: false };
  #lastTickMs = Number.NEGATIVE_INFINITY;
  #lastSentMs = Number.NEGATIVE_INFINITY;
  #urgent = true;
  /** What heartbeats say of this node, until it changes. */
  #content: Content | null = null;
  #generation = 0;
  #news: DetectorNews[] = [];
  #changed = true;
  /** Runs that speak no version of the messages that we do. */
  readonly #incompatible = new Map<NodeId, BootId>();

  constructor(config: DetectorConfig) {
    this.#config = config;
    this.#addPeers();
  }

  #addPeers(): void {
    for (const { node, links } of this.#config.peers) {
      if (this.#peers.has(node)) continue;
      this.#peers.set(node, {
        node,
        linkCount: links,
        current: null,
        silent: false,
        suspected: false,
        unconfirmed: false,
        runs: new Map(),
      });
    }
  }

  /** Other peers or times; `self` and `boot` are what they were. A peer whose links are others begins anew. */
  configure(config: DetectorConfig): void {
    this.#config = config;
    for (const peer of [...this.#peers.values()]) {
      const now = config.peers.find((one) => one.node === peer.node);
      if (now?.links === peer.linkCount) continue;
      this.#peers.delete(peer.node);
      this.#noteChange();
    }
    this.#addPeers();
    this.#urgent = true;
  }

  /** What heartbeats say of this node from now on; sent at the next tick. */
  setSummary(summary: PeerSummary): void {
    this.#summary = summary;
    this.#content = null;
    this.#urgent = true;
  }

  /** Whether this run of the node is the one heard both ways. */
  isCurrent(node: NodeId, boot: BootId): boolean {
    return this.#peers.get(node)?.current === boot;
  }

  /** Takes an authentic heartbeat. */
  heard(nowMs: number, from: NodeId, boot: BootId, link: number, heartbeat: Heartbeat): void {
    const peer = this.#peers.get(from);
    if (!peer || link >= peer.linkCount) return;
    const theirs = heartbeat.summary.protocol ?? FIRST_PROTOCOL;
    if (commonProtocol([theirs, this.#summary.protocol ?? FIRST_PROTOCOL]) === null) {
      this.#noteIncompatible(from, boot, theirs);
      return;
    }
    let run = peer.runs.get(boot);
    if (!run) {
      this.#makeRoom(peer);
      run = {
        boot,
        links: Array.from({ length: peer.linkCount }, newLink),
        hears: [],
        rows: [],
        summary: heartbeat.summary,
        generation: -1,
        lastHeardMs: nowMs,
      };
      peer.runs.set(boot, run);
      this.#urgent = true;
    }
    const state = run.links[link]!;
    if (heartbeat.sentAtMs < state.sentAtMs) return;
    state.sentAtMs = heartbeat.sentAtMs;
    state.heardAtMs = nowMs;
    run.lastHeardMs = nowMs;
    const echo = heartbeat.echoes.find((one) => one.boot === this.#config.boot);
    if (!echo) {
      state.echoedAtMs = Number.NEGATIVE_INFINITY;
      this.#judge(nowMs, peer);
      return;
    }
    // Our own stamp, given back: however old the packet is, it proves no more than that they heard us then.
    state.echoedAtMs = echo.sentAtMs;
    const roundTripMs = Math.max(0, nowMs - echo.sentAtMs - echo.ageMs);
    state.latencyMs = state.latencyMs === null ? roundTripMs : state.latencyMs * 0.8 + roundTripMs * 0.2;
    // Over another link an older one may come in later.
    if (heartbeat.generation > run.generation) {
      run.generation = heartbeat.generation;
      const current = peer.current === boot;
      // We pass on whom it hears and how it stands to its view, and nothing else: the rest must not go round among the nodes for ever.
      const differs = !sameHeard(run.hears, heartbeat.hears) || !sameStanding(run.summary, heartbeat.summary);
      if (current && differs) this.#noteChange();
      else if (current) this.#changed = true;
      run.hears = heartbeat.hears;
      run.rows = heartbeat.rows;
      run.summary = heartbeat.summary;
    }
    this.#judge(nowMs, peer);
  }

  /** What `reachability()` and the heartbeats tell is not what it was. */
  #noteChange(): void {
    this.#changed = true;
    this.#content = null;
  }

  /** All own links are down: what was heard before proves nothing any more, and nobody is within reach. */
  isolated(nowMs: number): void {
    for (const peer of this.#peers.values()) {
      for (const run of peer.runs.values()) {
        for (const link of run.links) link.heardAtMs = Number.NEGATIVE_INFINITY;
      }
      this.#judge(nowMs, peer);
    }
  }

  /** Said once of each run. Nobody in a view may be told what it cannot understand. */
  #noteIncompatible(node: NodeId, boot: BootId, protocol: ProtocolRange): void {
    if (this.#incompatible.get(node) === boot) return;
    this.#incompatible.set(node, boot);
    this.#news.push({ kind: 'incompatible', node, silentMs: 0, protocol });
    this.#changed = true;
  }

  /** A place for a new run: the one longest silent goes, never the current. */
  #makeRoom(peer: Peer): void {
    if (peer.runs.size < RUNS_MAX) return;
    const oldest = [...peer.runs.values()]
      .filter((run) => run.boot !== peer.current)
      .sort((a, b) => a.lastHeardMs - b.lastHeardMs)[0];
    if (oldest) peer.runs.delete(oldest.boot);
  }

  /**
   * To be called every few ms to a heartbeat interval. Judges silence, unless this node itself was not running: after
   * a gap of half a token what waits in the sockets must be read first (Corosync: "not scheduled for N ms").
   * `judged` is false in that case.
   */
  tick(nowMs: number): { readonly send: readonly OutgoingHeartbeat[]; readonly judged: boolean } {
    const gapMs = nowMs - this.#lastTickMs;
    const judged = !(gapMs > this.#config.timing.tokenMs / 2);
    this.#lastTickMs = nowMs;
    if (judged) for (const peer of this.#peers.values()) this.#judge(nowMs, peer);
    const due = nowMs - this.#lastSentMs >= this.#config.timing.heartbeatMs - 1;
    if (!due && !this.#urgent) return { send: [], judged };
    this.#urgent = false;
    this.#lastSentMs = nowMs;
    return { send: this.#heartbeats(nowMs), judged };
  }

  #heartbeats(nowMs: number): OutgoingHeartbeat[] {
    this.#content ??= this.#newContent();
    const out: OutgoingHeartbeat[] = [];
    for (const peer of this.#peers.values()) {
      for (let link = 0; link < peer.linkCount; link++) {
        const echoes: Echo[] = [];
        for (const run of peer.runs.values()) {
          const state = run.links[link]!;
          const ageMs = nowMs - state.heardAtMs;
          if (ageMs >= this.#config.timing.tokenMs) continue;
          echoes.push({ boot: run.boot, sentAtMs: state.sentAtMs, ageMs });
        }
        const heartbeat = { sentAtMs: nowMs, echoes, ...this.#content };
        out.push({ to: peer.node, link, heartbeat });
      }
    }
    return out;
  }

  #newContent(): Content {
    const hears: Heard[] = [];
    const rows: IndirectPeer[] = [];
    for (const peer of this.#peers.values()) {
      const run = peer.current === null ? undefined : peer.runs.get(peer.current);
      if (!run) continue;
      hears.push({ node: peer.node, boot: run.boot, ...(peer.suspected ? { suspected: true } : {}) });
      const { boot, hears: theirs, generation, summary } = run;
      const { view, quorate, intact } = summary;
      const standing = { view, quorate, ...(intact === undefined ? {} : { intact }) };
      rows.push({ node: peer.node, boot, hears: theirs, generation, ...standing });
    }
    return { hears, rows, summary: this.#summary, generation: ++this.#generation };
  }

  #judge(nowMs: number, peer: Peer): void {
    const { tokenMs, heartbeatMs } = this.#config.timing;
    const current = peer.current === null ? undefined : peer.runs.get(peer.current);
    let newer: Run | undefined;
    // What the run before has sent may come in late: it has not heard what the present one has.
    const knownMs = Math.max(
      ...(current?.links.map((link) => link.echoedAtMs) ?? []),
      Number.NEGATIVE_INFINITY,
    );
    for (const run of peer.runs.values()) {
      for (const link of run.links) this.#judgeLink(nowMs, link);
      if (run === current) continue;
      if (nowMs - run.lastHeardMs > tokenMs * 2) peer.runs.delete(run.boot);
      else if (
        run.links.some((link) => link.twoWay && nowMs >= link.usableFromMs && link.echoedAtMs > knownMs)
      )
        newer ??= run;
    }
    // A new run of the same node answers: the old one is gone, whatever its token says.
    if (newer) {
      if (current) {
        this.#news.push({ kind: 'lost', node: peer.node, silentMs: nowMs - current.lastHeardMs });
        peer.runs.delete(current.boot);
      }
      peer.current = newer.boot;
      peer.silent = false;
      peer.suspected = false;
      peer.unconfirmed = false;
      this.#news.push({ kind: 'heard', node: peer.node, silentMs: 0 });
      this.#noteChange();
      this.#urgent = true;
      return;
    }
    if (!current) return;
    if (!isTwoWay(current)) {
      peer.current = null;
      peer.silent = false;
      peer.suspected = false;
      peer.unconfirmed = false;
      this.#news.push({ kind: 'lost', node: peer.node, silentMs: nowMs - current.lastHeardMs });
      this.#noteChange();
      this.#urgent = true;
      return;
    }
    let unheardMs = Number.POSITIVE_INFINITY;
    let silentMs = Number.POSITIVE_INFINITY;
    for (const link of current.links) {
      unheardMs = Math.min(unheardMs, nowMs - link.heardAtMs);
      silentMs = Math.min(silentMs, nowMs - Math.min(link.heardAtMs, link.echoedAtMs));
    }
    const silent = unheardMs > Math.max(heartbeatMs * 2.5, tokenMs * 0.4);
    if (silent && !peer.silent) {
      this.#news.push({ kind: 'suspected', node: peer.node, silentMs: unheardMs });
      this.#changed = true;
    }
    peer.silent = silent;
    // What others have lost meanwhile may be believed from here on; before, the node itself may be far from noticing.
    const unconfirmed = silentMs > tokenMs - heartbeatMs * UNCONFIRMED_HEARTBEATS;
    if (unconfirmed !== peer.unconfirmed) this.#changed = true;
    peer.unconfirmed = unconfirmed;
    const suspected = unheardMs > tokenMs - heartbeatMs * SUSPECTED_HEARTBEATS;
    if (suspected === peer.suspected) return;
    peer.suspected = suspected;
    this.#noteChange();
    this.#urgent = true;
  }

  #judgeLink(nowMs: number, link: Link): void {
    const { tokenMs } = this.#config.timing;
    const isHeard = nowMs - link.heardAtMs < tokenMs;
    const isFresh = isHeard && nowMs - link.echoedAtMs < tokenMs;
    if (isFresh) link.freshAtMs = nowMs;
    // The other end stops giving anything back when it has not heard us for a token. Where what it gives back stays old,
    // the way there and back is too long to be of use.
    const isAnswered = link.echoedAtMs !== Number.NEGATIVE_INFINITY && nowMs - link.freshAtMs < tokenMs;
    const twoWay = isFresh || (link.twoWay && isHeard && isAnswered);
    if (twoWay === link.twoWay) return;
    link.twoWay = twoWay;
    if (twoWay) {
      link.usableFromMs = nowMs + link.holdDownMs;
      return;
    }
    link.latencyMs = null;
    // Between two nodes there is nobody to be spared, and each would hold on to what the other runs.
    const flapping = this.#peers.size > 1 && nowMs - link.lostAtMs < FLAP_MEMORY_MS;
    link.holdDownMs = flapping ? Math.min(HOLD_DOWN_MAX_MS, Math.max(tokenMs, link.holdDownMs * 2)) : 0;
    link.lostAtMs = nowMs;
  }

  /** True once after anything that `reachability()` tells has changed. */
  takeChanged(): boolean {
    const changed = this.#changed;
    this.#changed = false;
    return changed;
  }

  takeNews(): DetectorNews[] {
    const news = this.#news;
    this.#news = [];
    return news;
  }

  reachability(): Reachability {
    const peers: ReachablePeer[] = [];
    const indirect = new Map<NodeId, IndirectPeer>();
    for (const peer of this.#peers.values()) {
      const run = peer.current === null ? undefined : peer.runs.get(peer.current);
      if (!run) continue;
      const { boot, hears, summary, generation } = run;
      const { node, suspected, unconfirmed } = peer;
      peers.push({ node, boot, suspected, unconfirmed, summary, hears, generation });
      for (const row of run.rows) {
        if (row.node === this.#config.self) continue;
        const other = indirect.get(row.node);
        if (other?.boot !== row.boot || other.generation < row.generation) indirect.set(row.node, row);
      }
    }
    for (const peer of peers) indirect.delete(peer.node);
    this.#content ??= this.#newContent();
    return { generation: this.#content.generation, peers, indirect: [...indirect.values()] };
  }

  links(): LinkState[] {
    const states: LinkState[] = [];
    for (const peer of this.#peers.values()) {
      const run = peer.current === null ? undefined : peer.runs.get(peer.current);
      for (let link = 0; link < peer.linkCount; link++) {
        const state = run?.links[link];
        states.push({
          node: peer.node,
          link,
          twoWay: state?.twoWay ?? false,
          latencyMs: state?.twoWay ? state.latencyMs : null,
        });
      }
    }
    return states;
  }
}

function sameHeard(a: readonly Heard[], b: readonly Heard[]): boolean {
  return (
    a.length === b.length &&
    a.every((heard, i) => {
      const other = b[i]!;
      return heard.node === other.node && heard.boot === other.boot && heard.suspected === other.suspected;
    })
  );
}

function isTwoWay(run: Run): boolean {
  return run.links.some((link) => link.twoWay);
}

function newLink(): Link {
  return {
    heardAtMs: Number.NEGATIVE_INFINITY,
    sentAtMs: Number.NEGATIVE_INFINITY,
    echoedAtMs: Number.NEGATIVE_INFINITY,
    freshAtMs: Number.NEGATIVE_INFINITY,
    twoWay: false,
    latencyMs: null,
    lostAtMs: Number.NEGATIVE_INFINITY,
    holdDownMs: 0,
    usableFromMs: 0,
  };
}
