import { networkInterfaces } from 'node:os';

/** Looks at the host's interfaces in a token. */
const LOOKS = 20;
/** Between two looks, in ms, while nobody would yield: then only to know the addresses should that change. */
const IDLE_LOOK_MS = 1000;

/**
 * Whether this host's own links work: an address counts while an interface holds it that is up and has a carrier
 * (libuv leaves out others: `IFF_UP` and `IFF_RUNNING` of netdevice(7)).
 *
 * A node is isolated when none of its links has worked for a quarter of the token: so a plug that is moved does no harm,
 * and there is time to stop what runs here before the others' token runs out.
 */
export class OwnLinks {
  #enabled = false;
  #isolated = false;
  readonly #addresses: readonly string[];
  /** An address may be written otherwise than the system writes it: only one that was seen can be missed. */
  #seen = false;
  tokenMs: number;
  readonly #present: () => ReadonlySet<string>;
  #lookedAtMs = Number.NEGATIVE_INFINITY;
  #downSinceMs: number | null = null;

  /** @param present the addresses of the interfaces that work */
  constructor(
    addresses: readonly string[],
    tokenMs: number,
    present: () => ReadonlySet<string> = workingAddresses,
  ) {
    this.#addresses = addresses;
    this.tokenMs = tokenMs;
    this.#present = present;
  }

  /** While false, as at first, the node never counts as isolated. */
  set enabled(enabled: boolean) {
    if (enabled === this.#enabled) return;
    this.#enabled = enabled;
    this.#lookedAtMs = Number.NEGATIVE_INFINITY;
  }

  get isolated(): boolean {
    return this.#isolated;
  }

  /** To be called often. True when `isolated` has changed. */
  look(nowMs: number): boolean {
    if (nowMs - this.#lookedAtMs < (this.#enabled ? this.tokenMs / LOOKS : IDLE_LOOK_MS)) return false;
    this.#lookedAtMs = nowMs;
    const before = this.#isolated;
    const down = this.#allDownFor(nowMs) >= this.tokenMs / 4;
    this.#isolated = this.#enabled && down;
    return this.#isolated !== before;
  }

  /** -Infinity while one works. */
  #allDownFor(nowMs: number): number {
    const present = this.#present();
    if (this.#addresses.some((address) => present.has(address))) {
      this.#seen = true;
      this.#downSinceMs = null;
      return Number.NEGATIVE_INFINITY;
    }
    if (!this.#seen) return Number.NEGATIVE_INFINITY;
    this.#downSinceMs ??= nowMs;
    return nowMs - this.#downSinceMs;
  }
}

function workingAddresses(): ReadonlySet<string> {
  const found = new Set<string>();
  for (const entries of Object.values(networkInterfaces())) {
    for (const entry of entries ?? []) found.add(entry.address);
  }
  return found;
}
