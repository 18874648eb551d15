import type { BootId, Effect, Member, MembershipRecord, Message, NodeId, TimerId, WriteId } from './types.js';

/** So many writes are remembered as being on disk; only the last ones are asked for. */
const WRITES_REMEMBERED = 100;

/** Collects the effects of one step, and knows which writes are on disk. */
export class MembershipOutput {
  #effects: Effect[] = [];
  #writes = 0;
  readonly #durable = new Set<WriteId>();

  take(): readonly Effect[] {
    const effects = this.#effects;
    this.#effects = [];
    return effects;
  }

  push(effect: Effect): void {
    this.#effects.push(effect);
  }

  persist(record: MembershipRecord): WriteId {
    const write = ++this.#writes;
    this.push({ kind: 'persist', write, record });
    return write;
  }

  noteDurable(write: WriteId): void {
    this.#durable.add(write);
    for (const old of this.#durable) if (old < write - WRITES_REMEMBERED) this.#durable.delete(old);
  }

  isDurable(write: WriteId): boolean {
    return this.#durable.has(write);
  }

  send(to: NodeId, boot: BootId, message: Message): void {
    this.push({ kind: 'send', to, boot, message });
  }

  /** With `after`: not before that write is on disk. */
  sendTo(member: Member, message: Message, after?: WriteId): void {
    const wait = after !== undefined && !this.#durable.has(after) ? { after } : {};
    this.push({ kind: 'send', to: member.node, boot: member.boot, message, ...wait });
  }

  setTimer(timer: TimerId, delayMs: number): void {
    // Whole milliseconds: what is left of a time may be too little to move a clock.
    this.push({ kind: 'set-timer', timer, delayMs: Math.ceil(delayMs) });
  }

  cancelTimer(timer: TimerId): void {
    this.push({ kind: 'cancel-timer', timer });
  }

  log(level: 'debug' | 'info' | 'warning', text: string): void {
    this.push({ kind: 'log', level, text });
  }
}
