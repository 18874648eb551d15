import { Connectivity } from './connectivity.js';
import {
  AS_CONFIGURED,
  type ElectorateKnowledge,
  isDynamic,
  wantedElectorate,
  withAgreed,
  withPromised,
} from './electorate.js';
import { flushOf } from './flush.js';
import { lostMembers } from './lost-members.js';
import { nextView } from './next-view.js';
import { MembershipOutput } from './output.js';
import { installableForMs, Pledges } from './pledges.js';
import { FIRST_PROTOCOL, PROTOCOL, type ProtocolRange } from './protocol.js';
import { Tenure } from './tenure.js';
import type {
  BootId,
  Effect,
  Event,
  Flush,
  FlushReport,
  LostMember,
  Member,
  MembershipConfig,
  MembershipRecord,
  Message,
  NodeId,
  PeerSummary,
  View,
  ViewId,
  WriteId,
} from './types.js';
import {
  compareViewIds,
  formatMembers,
  formatViewId,
  memberOf,
  NO_VIEW,
  sameMembers,
  sameViewId,
} from './view.js';
import { ViewMessages } from './view-messages.js';

interface Proposal {
  readonly id: ViewId;
  readonly members: readonly Member[];
  readonly reports: Map<NodeId, FlushReport>;
  /** Whose votes shall be expected from then on; absent: no change. */
  readonly electorate?: { readonly nodes: readonly NodeId[]; readonly basis: ViewId };
  /** Until it is on disk, neither our own acceptance counts nor is anything sent. */
  readonly write: WriteId;
}

interface Acceptance {
  readonly id: ViewId;
  readonly from: Member;
  readonly write: WriteId;
  readonly atMs: number;
}

interface Installation {
  readonly view: View;
  readonly flush: readonly Flush[];
  readonly waiting: Set<NodeId>;
}

/**
 * One node's part in agreeing on views and in ordering messages within them.
 *
 * A view is agreed in two phases. The coordinator promises itself a new id (on disk), proposes it to the group that
 * all hear each other; whoever agrees promises the id (on disk), stops taking part in the old view and reports what
 * it received there; with everybody's report the coordinator sends the view and what is missing of the old one.
 * No two views share an id, and a member follows ids only upwards.
 */
export class Membership {
  #config: MembershipConfig;
  #boot: BootId = '';
  #connectivity: Connectivity;
  #phase: 'down' | 'starting' | 'running' | 'leaving' = 'down';
  #promised: ViewId = NO_VIEW;
  /** Last view installed by this run. */
  #tenure: Tenure | null = null;
  /** Of any run, for the record. */
  #installedId: ViewId | null = null;
  #electorate: ElectorateKnowledge = AS_CONFIGURED;
  /** To be agreed in a view of the same members. */
  #electorateWanted: readonly NodeId[] | null = null;
  /** Left on purpose, and were not seen since. */
  readonly #departed = new Set<NodeId>();
  #waitingForAll: boolean;
  #linksUp = true;
  #proposal: Proposal | null = null;
  /** What we have accepted and wait to be installed. */
  #accepted: Acceptance | null = null;
  readonly #pledges = new Pledges();
  #installation: Installation | null = null;
  readonly #messages: ViewMessages;
  /** When the wish for more members was first seen; null while there is none. */
  #growthSinceMs: number | null = null;
  /** Since when some node that is heard here would have to be left out. */
  #splitSinceMs: number | null = null;
  /** When the present need for a new view was first seen. */
  #needSinceMs: number | null = null;
  #highestSeenEpoch = 0;
  /** The same members are to be judged anew. */
  #reconsiderQuorum = false;
  #active = false;
  /** So long the fellows of an earlier run may take it for alive. */
  #missedUntilMs = Number.NEGATIVE_INFINITY;
  readonly #output = new MembershipOutput();
  #nowMs = 0;

  constructor(config: MembershipConfig) {
    this.#config = config;
    this.#connectivity = new Connectivity(config, '');
    this.#messages = new ViewMessages(config.self, () => this.#config.timing.retransmitMs, this.#output);
    this.#waitingForAll = config.quorum.waitForAll;
  }

  /** The installed view; null before the first. */
  get view(): View | null {
    return this.#tenure?.view ?? null;
  }

  /** True between accepting a new view and installing it: the old one may be over elsewhere. */
  get frozen(): boolean {
    return this.view !== null && compareViewIds(this.#promised, this.view.id) > 0;
  }

  /** Takes one event; the effects are to be performed in order. */
  step(event: Event): readonly Effect[] {
    this.#nowMs = event.nowMs;
    switch (event.kind) {
      case 'start':
        this.#start(event.boot, event.record);
        break;
      case 'reachability':
        this.#connectivity.update(event.reachability);
        if (this.#phase === 'running') this.#evaluate();
        break;
      case 'message':
        if (this.#phase === 'starting' || this.#phase === 'running') {
          this.#receive(event.from, event.boot, event.message);
        }
        break;
      case 'timer':
        this.#timer(event.timer);
        break;
      case 'persisted':
        this.#persisted(event.write);
        break;
      case 'broadcast':
        if (!this.frozen) this.#messages.broadcast(event.payload);
        break;
      case 'direct':
        this.#messages.direct(event.to, event.payload);
        break;
      case 'leave':
        this.#leave();
        break;
      case 'links':
        this.#linksChanged(event.up);
        break;
      case 'configure':
        this.#configure(event.config);
        break;
    }
    this.#messages.send();
    this.#announceActivity();
    return this.#output.take();
  }

  /** Whether some node of our view has gone on to another. */
  #overtaken(): boolean {
    const view = this.view;
    if (!view) return false;
    return view.members.some((member) => {
      const theirs = this.#connectivity.peer(member.node)?.summary.view;
      return theirs ? compareViewIds(theirs, view.id) > 0 : false;
    });
  }

  /** What has come in may have ended the view; the others are to know then. */
  #judgeView(): void {
    if (!this.#tenure || this.#tenure.isOver) return;
    this.#tenure.judge(this.#connectivity);
    if (this.#tenure.isOver) this.#summarize();
  }

  #announceActivity(): void {
    this.#judgeView();
    const tenure = this.#phase === 'leaving' || this.frozen ? null : this.#tenure;
    const active = tenure !== null && !tenure.isOver && tenure.isConfirmed(this.#connectivity);
    if (active === this.#active) return;
    this.#active = active;
    this.#output.push({ kind: 'activity', active });
  }

  #start(boot: BootId, record: MembershipRecord | null): void {
    this.#boot = boot;
    this.#connectivity = new Connectivity(this.#config, boot);
    this.#promised = record?.promised ?? NO_VIEW;
    this.#installedId = record?.installed ?? null;
    this.#electorate = record?.electorate ?? AS_CONFIGURED;
    this.#phase = 'starting';
    this.#summarize();
    if (record) this.#missedUntilMs = this.#nowMs + this.#config.timing.tokenMs;
    // Whoever is already there shall be heard before a view of one is made.
    this.#output.setTimer('start', this.#config.timing.heartbeatMs * 4);
  }

  /**
   * Whether fellows of an earlier run may act on a view with it still, for all that is known here: for a token long they
   * take it for alive. They are among these members where one of them has quorum already, or where nobody is missing.
   */
  #mayBeMissed(members: readonly Member[]): boolean {
    if (this.#nowMs >= this.#missedUntilMs || members.length === this.#config.nodes.length) return false;
    const earlier = this.#installedId ?? NO_VIEW;
    return !members.some((member) => {
      const { view = null, quorate = false } = this.#connectivity.peer(member.node)?.summary ?? {};
      return quorate && view !== null && compareViewIds(view, earlier) >= 0;
    });
  }

  #summary(): PeerSummary {
    return {
      view: this.view?.id ?? null,
      viewSize: this.view?.members.length ?? 0,
      quorate: this.view?.quorum.quorate ?? false,
      ...(this.#phase === 'leaving' ? {} : { intact: this.#tenure?.isOver === false }),
      leaving: this.#phase === 'leaving',
      protocol: this.#config.protocol ?? PROTOCOL,
    };
  }

  #summarize(): void {
    const summary = this.#summary();
    this.#connectivity.noteOwn(summary);
    this.#output.push({ kind: 'summary', summary });
  }

  #timer(timer: string): void {
    if (timer === 'left') {
      this.#output.push({ kind: 'left' });
      return;
    }
    if (timer === 'start' && this.#phase === 'starting') {
      if (this.#mayBeMissed(this.#connectivity.target())) {
        this.#output.setTimer('start', this.#config.timing.heartbeatMs);
        return;
      }
      this.#phase = 'running';
      this.#evaluate();
      return;
    }
    if (this.#phase !== 'running') return;
    switch (timer) {
      case 'evaluate':
        this.#evaluate();
        break;
      case 'propose':
        this.#sendProposal();
        break;
      case 'consensus':
        if (this.#proposal) {
          const silent = this.#proposal.members.filter((member) => !this.#proposal!.reports.has(member.node));
          this.#output.log(
            'warning',
            `view ${formatViewId(this.#proposal.id)}: no answer from ${formatMembers(silent)}`,
          );
          this.#abandonProposal();
          this.#evaluate();
        }
        break;
      case 'install':
        this.#sendInstall();
        break;
      case 'channels':
        this.#messages.sendAgain();
        break;
      case 'acknowledge':
        this.#messages.acknowledge();
        break;
      case 'last-man-standing':
        this.#wantElectorate(true);
        break;
      case 'links':
        if (!this.view?.quorum.isolated) break;
        // Whoever is heard will be in a view with this node; that it does not take it yet is no reason to act alone.
        if (this.#connectivity.summaries().length > 0)
          this.#output.setTimer('links', this.#config.timing.tokenMs);
        else {
          this.#reconsiderQuorum = true;
          this.#evaluate();
        }
        break;
    }
  }

  // ---- Which view should there be, and who proposes it ----

  #evaluate(): void {
    if (this.#phase !== 'running') return;
    this.#judgeView();
    if (this.#proposal) {
      // A proposal that has lost a member, or that a node heard meanwhile belongs in, is of no use any more.
      if (!this.#stillWanted(this.#proposal)) {
        this.#abandonProposal();
      } else return;
    }
    const target = this.#connectivity.target();
    const current = this.view?.members ?? [];
    const isOver = this.frozen || this.#tenure?.isOver === true;
    const changed = this.view === null || !sameMembers(target, current);
    if (!changed && !isOver && !this.#reconsiderQuorum && !this.#electorateWanted) {
      this.#growthSinceMs = null;
      this.#needSinceMs = null;
      this.#tenure?.settle();
      this.#output.cancelTimer('evaluate');
      return;
    }
    this.#needSinceMs ??= this.#nowMs;
    const lost = current.some(
      (member) => !target.some((other) => other.node === member.node && other.boot === member.boot),
    );
    if (!lost && !isOver && this.view !== null) {
      this.#growthSinceMs ??= this.#nowMs;
      const left = this.#growthSinceMs + this.#config.timing.joinMs - this.#nowMs;
      if (left > 0) {
        this.#output.setTimer('evaluate', left);
        return;
      }
    }
    // Where some have gone on without this node, nothing is left to wait for: it must come to know that it has no quorum.
    if (this.#connectivity.splits(target) && !this.#overtaken()) {
      // Others may only not have noticed yet what is noticed here (or the reverse).
      this.#splitSinceMs ??= this.#nowMs;
      const left = this.#splitSinceMs + this.#config.timing.heartbeatMs * 3 - this.#nowMs;
      if (left > 0) {
        this.#output.setTimer('evaluate', left);
        return;
      }
    } else this.#splitSinceMs = null;
    const rank = this.#connectivity.candidates(target, this.#summary()).indexOf(this.#config.self);
    // Those further back wait for those before them, and whoever has accepted a proposal for its proposer.
    const accepted = this.#accepted;
    const expectsInstall = accepted !== null && target.some((member) => member.boot === accepted.from.boot);
    const patience = this.#config.timing.consensusMs * (rank + (expectsInstall ? 1 : 0));
    const waited = this.#nowMs - this.#needSinceMs;
    if (waited < patience) {
      this.#output.setTimer('evaluate', patience - waited);
      return;
    }
    if (this.#release(target).length === 0) this.#propose(target);
    else this.#output.setTimer('evaluate', this.#config.timing.retransmitMs);
  }

  /** The fellows that may still act on our view, or on one that we have accepted, and that these members would go on without. */
  #release(members: readonly Member[]): readonly NodeId[] {
    const pledged = this.#pledges.deserted(members, this.#connectivity, this.#nowMs);
    const tenure = this.#tenure;
    if (!tenure) return pledged;
    const wasOver = tenure.isOver;
    const { tokenMs } = this.#config.timing;
    const acting = tenure.release(members, this.#connectivity, this.#nowMs, tokenMs);
    if (tenure.isOver && !wasOver) this.#summarize();
    return [...acting, ...pledged];
  }

  #stillWanted(proposal: Proposal): boolean {
    return sameMembers(proposal.members, this.#connectivity.target());
  }

  #propose(members: readonly Member[]): void {
    const seen = Math.max(
      this.#promised.epoch,
      this.#highestSeenEpoch,
      ...this.#connectivity.summaries().map((summary) => summary.view?.epoch ?? 0),
    );
    const id = { epoch: seen + 1, coordinator: this.#config.self };
    this.#accepted = null;
    const nodes = this.#electorateWanted;
    const view = this.view;
    // Only in the view in which it was decided: all of it, and nobody else.
    const electorate =
      nodes && view && !this.frozen && sameMembers(members, view.members) ? { nodes, basis: view.id } : null;
    if (electorate) this.#electorate = withPromised(this.#electorate, { since: id, nodes: electorate.nodes });
    else this.#electorateWanted = null;
    const write = this.#promise(id);
    this.#proposal = { id, members, reports: new Map(), write, ...(electorate ? { electorate } : {}) };
    this.#growthSinceMs = null;
    this.#output.cancelTimer('evaluate');
    this.#output.log('info', `proposing view ${formatViewId(id)} members=${formatMembers(members)}`);
    this.#sendProposal();
    this.#output.setTimer('consensus', this.#config.timing.consensusMs);
  }

  #abandonProposal(): void {
    this.#proposal = null;
    this.#output.cancelTimer('propose');
    this.#output.cancelTimer('consensus');
    this.#needSinceMs = this.#nowMs;
  }

  #promise(id: ViewId): WriteId {
    this.#promised = id;
    return this.#persist();
  }

  #persist(): WriteId {
    return this.#output.persist({
      promised: this.#promised,
      installed: this.#installedId,
      ...(isDynamic(this.#config.quorum) ? { electorate: this.#electorate } : {}),
    });
  }

  #persisted(write: WriteId): void {
    this.#output.noteDurable(write);
    const proposal = this.#proposal;
    if (proposal?.write === write) {
      proposal.reports.set(this.#config.self, this.#report());
      this.#maybeInstall();
    }
  }

  #sendProposal(): void {
    const proposal = this.#proposal;
    if (!proposal) return;
    const message: Message = {
      kind: 'propose',
      id: proposal.id,
      members: proposal.members,
      hears: this.#connectivity.heard(),
      generation: this.#connectivity.generation,
      ...(proposal.electorate ? { electorate: proposal.electorate } : {}),
    };
    for (const member of proposal.members) {
      if (member.node === this.#config.self || proposal.reports.has(member.node)) continue;
      this.#output.sendTo(member, message, proposal.write);
    }
    if (proposal.members.length > 1) this.#output.setTimer('propose', this.#config.timing.retransmitMs);
  }

  /** What this node brings from its view into the next. */
  #report(): FlushReport {
    return {
      previous: this.view,
      messages: this.#messages.unstable,
      received: this.#messages.received,
      waitingForAll: this.#waitingForAll,
      ...(isDynamic(this.#config.quorum) ? { electorate: this.#electorate } : {}),
    };
  }

  // ---- Messages of the agreement ----

  #receive(from: NodeId, boot: BootId, message: Message): void {
    switch (message.kind) {
      case 'propose':
        this.#receiveProposal(from, boot, message);
        break;
      case 'accept':
        if (this.#proposal && sameViewId(message.id, this.#proposal.id)) {
          const member = this.#proposal.members.find((one) => one.node === from);
          if (member?.boot !== boot) break;
          this.#proposal.reports.set(from, message.report);
          this.#maybeInstall();
        }
        break;
      case 'refuse':
        this.#receiveRefusal(from, boot, message);
        break;
      case 'install':
        this.#receiveInstall(from, boot, message);
        break;
      case 'installed':
        this.#noteInstalled(from, message.id);
        break;
      case 'leave':
        if (message.boot !== boot) break;
        this.#connectivity.noteLeft(boot);
        this.#evaluate();
        break;
      case 'channel':
        if (!this.#messages.isMember(from, boot, message.view)) break;
        this.#noteInstalled(from, message.view);
        this.#messages.receive(from, message, this.frozen);
        break;
    }
  }

  #receiveProposal(from: NodeId, boot: BootId, message: Message & { kind: 'propose' }): void {
    const sender: Member = { node: from, boot };
    this.#highestSeenEpoch = Math.max(this.#highestSeenEpoch, message.id.epoch);
    if (sameViewId(message.id, this.view?.id)) {
      this.#output.sendTo(sender, { kind: 'installed', id: message.id });
      return;
    }
    if (this.#accepted && sameViewId(message.id, this.#accepted.id)) {
      this.#sendAcceptance(message.id, sender, this.#accepted.write);
      return;
    }
    const refuse = (reason: string): void => {
      this.#output.log('debug', `refusing view ${formatViewId(message.id)} of node ${from}: ${reason}`);
      const heard = this.#connectivity.heard();
      this.#output.sendTo(sender, {
        kind: 'refuse',
        id: message.id,
        promised: this.#promised,
        reason,
        hears: heard,
        generation: this.#connectivity.generation,
      });
    };
    if (compareViewIds(message.id, this.#promised) <= 0) {
      refuse(`already promised ${formatViewId(this.#promised)}`);
      return;
    }
    const self = message.members.find((member) => member.node === this.#config.self);
    if (self?.boot !== this.#boot) return;
    this.#connectivity.noteRow(from, boot, message.hears, message.generation);
    const mine = this.#connectivity.target(this.#lostBy(sender, message.members));
    if (!sameMembers(mine, message.members)) {
      refuse(`here the members would be ${formatMembers(mine)}`);
      return;
    }
    if (this.#mayBeMissed(message.members)) {
      refuse('others may take its earlier run for alive');
      return;
    }
    const acting = this.#release(message.members);
    if (acting.length > 0) {
      refuse(`${acting.join(' ')} may still act on an earlier view`);
      return;
    }
    const { electorate } = message;
    if (electorate && !sameViewId(electorate.basis, this.view?.id)) {
      refuse(
        `it changes whose votes are expected, and was decided in view ${formatViewId(electorate.basis)}`,
      );
      return;
    }
    if (this.#proposal) this.#abandonProposal();
    this.#phase = 'running';
    if (electorate) {
      this.#electorate = withPromised(this.#electorate, { since: message.id, nodes: electorate.nodes });
    }
    const write = this.#promise(message.id);
    this.#accepted = { id: message.id, from: sender, write, atMs: this.#nowMs };
    this.#pledges.add(message.id, message.members, this.#nowMs, this.#config.timing);
    this.#needSinceMs = this.#nowMs;
    this.#sendAcceptance(message.id, sender, write);
    // Should the proposer fall silent, somebody else has to try.
    this.#output.setTimer('evaluate', this.#config.timing.consensusMs);
  }

  /**
   * Where a member of this node's view has lost a node that is only suspected here, its word is enough. Not that of others:
   * they may not have heard it for long, and it may still act on the view that it shares with this node.
   */
  #lostBy(proposer: Member, proposed: readonly Member[]): ReadonlySet<NodeId> {
    const lost = new Set<NodeId>();
    if (this.member(proposer.node)?.boot !== proposer.boot) return lost;
    for (const { node } of this.#connectivity.heard()) {
      const leftOut = !proposed.some((member) => member.node === node);
      if (leftOut && this.#connectivity.peer(node)?.suspected) lost.add(node);
    }
    return lost;
  }

  #sendAcceptance(id: ViewId, to: Member, write: WriteId): void {
    this.#output.sendTo(to, { kind: 'accept', id, report: this.#report() }, write);
  }

  #receiveRefusal(from: NodeId, boot: BootId, message: Message & { kind: 'refuse' }): void {
    this.#highestSeenEpoch = Math.max(this.#highestSeenEpoch, message.promised.epoch);
    this.#connectivity.noteRow(from, boot, message.hears, message.generation);
    if (!this.#proposal || !sameViewId(message.id, this.#proposal.id)) return;
    this.#output.log('info', `node ${from} refuses view ${formatViewId(message.id)}: ${message.reason}`);
    this.#abandonProposal();
    this.#output.setTimer('evaluate', this.#config.timing.retransmitMs);
  }

  #maybeInstall(): void {
    const proposal = this.#proposal;
    if (!proposal || proposal.members.some((member) => !proposal.reports.has(member.node))) return;
    const reports = proposal.members.map((member) => proposal.reports.get(member.node)!);
    const protocols = proposal.members.map((member) => this.#protocolOf(member.node));
    const view = nextView(this.#config, proposal, reports, this.#linksUp, protocols);
    this.#reconsiderQuorum = false;
    const flush = flushOf(reports);
    this.#abandonProposal();
    const lost = lostMembers(view.members, reports, this.#connectivity);
    const waiting = new Set(view.members.map((member) => member.node));
    waiting.delete(this.#config.self);
    this.#installation = { view, flush, waiting };
    this.#sendInstall();
    this.#install(view, flush, lost);
  }

  #protocolOf(node: NodeId): ProtocolRange {
    if (node === this.#config.self) return this.#config.protocol ?? PROTOCOL;
    return this.#connectivity.peer(node)?.summary.protocol ?? FIRST_PROTOCOL;
  }

  #sendInstall(): void {
    const installation = this.#installation;
    if (!installation) return;
    if (installation.waiting.size === 0 || !sameViewId(installation.view.id, this.#promised)) {
      this.#installation = null;
      return;
    }
    for (const member of installation.view.members) {
      if (!installation.waiting.has(member.node)) continue;
      this.#output.sendTo(member, { kind: 'install', view: installation.view, flush: installation.flush });
    }
    this.#output.setTimer('install', this.#config.timing.retransmitMs);
  }

  #noteInstalled(from: NodeId, id: ViewId): void {
    const installation = this.#installation;
    if (!installation || !sameViewId(installation.view.id, id)) return;
    installation.waiting.delete(from);
    if (installation.waiting.size > 0) return;
    this.#installation = null;
    this.#output.cancelTimer('install');
  }

  #receiveInstall(from: NodeId, boot: BootId, message: Message & { kind: 'install' }): void {
    const sender: Member = { node: from, boot };
    if (sameViewId(message.view.id, this.view?.id)) {
      this.#output.sendTo(sender, { kind: 'installed', id: message.view.id });
      return;
    }
    const accepted = this.#accepted;
    if (!accepted || !sameViewId(accepted.id, message.view.id)) return;
    if (accepted.from.node !== from || accepted.from.boot !== boot) return;
    if (!this.#output.isDurable(accepted.write)) return;
    // The others may have gone on.
    if (this.#nowMs - accepted.atMs > installableForMs(this.#config.timing)) return;
    this.#install(message.view, message.flush, []);
    this.#output.sendTo(sender, { kind: 'installed', id: message.view.id });
  }

  #install(view: View, flush: readonly Flush[], lost: readonly LostMember[]): void {
    const previous = this.view;
    const own = flush.find((one) => sameViewId(one.view, previous?.id));
    if (own) this.#messages.end(own);
    this.#accepted = null;
    this.#needSinceMs = null;
    this.#growthSinceMs = null;
    this.#reconsiderQuorum = false;
    this.#output.cancelTimer('evaluate');
    this.#tenure = new Tenure(view, this.#config.self);
    this.#pledges.settle(view.id);
    this.#missedUntilMs = Number.NEGATIVE_INFINITY;
    this.#installedId = view.id;
    this.#waitingForAll = view.quorum.waitingForAll;
    this.#electorate = isDynamic(this.#config.quorum)
      ? withAgreed(this.#electorate, view.quorum.electorate)
      : AS_CONFIGURED;
    this.#electorateWanted = null;
    this.#noteDepartures(view, previous);
    this.#persist();
    this.#messages.begin(view);
    const continuing = own
      ? view.members
          .filter((member) =>
            previous!.members.some((other) => other.node === member.node && other.boot === member.boot),
          )
          .map((member) => member.node)
      : [this.#config.self];
    this.#output.log(
      'info',
      `view ${formatViewId(view.id)} members=${formatMembers(view.members)}${view.quorum.quorate ? ' quorate' : ''}`,
    );
    this.#output.push({ kind: 'deliver-view', view, previous, continuing, lost });
    this.#summarize();
    const { lastManStanding, lastManStandingWindowMs } = this.#config.quorum;
    if (lastManStanding) this.#output.setTimer('last-man-standing', lastManStandingWindowMs);
    this.#wantElectorate(false);
    // What was heard meanwhile may already ask for the next view.
    this.#output.setTimer('evaluate', 0);
  }

  /** Other nodes, votes or times: quorum is judged anew, by whoever proposes next. */
  #configure(config: MembershipConfig): void {
    this.#config = config;
    this.#connectivity.configure(config);
    if (!this.view) return;
    this.#reconsiderQuorum = true;
    if (this.#phase === 'running') this.#evaluate();
  }

  /** After links that work again the others are listened for; who is alone then is alone for another reason. */
  #linksChanged(up: boolean): void {
    this.#linksUp = up;
    if (up) this.#output.setTimer('links', this.#config.timing.tokenMs);
    else {
      this.#output.cancelTimer('links');
      // Alone already: somebody else may start meanwhile what runs here.
      if (this.view?.members.length === 1 && !this.view.quorum.isolated) this.#reconsiderQuorum = true;
    }
    if (this.#phase === 'running') this.#evaluate();
  }

  /** The coordinator of a quorate view sees to it that the votes are expected that should be. */
  #wantElectorate(windowOver: boolean): void {
    const view = this.view;
    if (!view?.quorum.quorate || view.id.coordinator !== this.#config.self) return;
    const present = view.members.map((member) => member.node);
    const { quorum, nodes } = this.#config;
    const wanted = wantedElectorate(quorum, nodes, this.#electorate, present, this.#departed, windowOver);
    if (!wanted) return;
    this.#electorateWanted = wanted;
    this.#output.setTimer('evaluate', 0);
  }

  #noteDepartures(view: View, previous: View | null): void {
    for (const member of view.members) this.#departed.delete(member.node);
    for (const member of previous?.members ?? []) {
      const gone = !view.members.some((other) => other.node === member.node);
      if (gone && this.#connectivity.hasLeft(member)) this.#departed.add(member.node);
    }
  }

  // ---- Going away ----

  #leave(): void {
    if (this.#phase === 'leaving') return;
    this.#phase = 'leaving';
    this.#summarize();
    for (const member of this.view?.members ?? []) {
      if (member.node === this.#config.self) continue;
      // There is no time to wait for answers; the heartbeats say it as well until the end.
      for (let attempt = 0; attempt < 3; attempt++)
        this.#output.sendTo(member, { kind: 'leave', boot: this.#boot });
    }
    this.#output.setTimer('left', this.#config.timing.heartbeatMs);
  }

  /** The member of the installed view with this id, if any. */
  member(node: NodeId): Member | undefined {
    return memberOf(this.view, node);
  }
}
