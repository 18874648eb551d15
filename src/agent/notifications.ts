import { createPatch } from '../cib/diff.js';
import type { Element } from '../cib/element.js';
import { readVersion } from '../cib/version.js';
import { writeXml } from '../cib/xml.js';
import type { ClusterEvent, ClusterState, Notification, Topic } from '../protocol/messages.js';
import type { Server } from './server.js';

/** Subscribers get a new version of the CIB at most this often, in ms. */
const NOTIFY_MS = 50;

/** Tells subscribers what has changed: the CIB as patches, the cluster's state, events. */
export class Notifications {
  readonly #cib: () => Element;
  readonly #state: () => ClusterState | null;
  #server: Server | null = null;
  /** The document as subscribers know it; null where they know none. */
  #told: Element | null = null;
  #timer: NodeJS.Timeout | null = null;

  constructor(cib: () => Element, state: () => ClusterState | null) {
    this.#cib = cib;
    this.#state = state;
  }

  attach(server: Server): void {
    this.#server = server;
  }

  /** Something has changed; what it was is found out when it is told. */
  changed(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = null;
      this.#tell();
    }, NOTIFY_MS);
  }

  event(event: ClusterEvent): void {
    this.#server?.notify({ notify: 'events', event });
  }

  /** The present value, for a subscriber that has missed some. */
  current(topic: Exclude<Topic, 'events'>): Notification | null {
    if (topic === 'cib') return this.#document();
    const state = this.#state();
    return state ? { notify: 'state', state } : null;
  }

  close(): void {
    if (this.#timer) clearTimeout(this.#timer);
  }

  #document(): Notification {
    const cib = this.#cib();
    return { notify: 'cib', version: readVersion(cib), cib: writeXml(cib, { indent: false }) };
  }

  #tell(): void {
    const server = this.#server;
    if (!server) return;
    if (server.hasSubscribers('state')) {
      const state = this.#state();
      if (state) server.notify({ notify: 'state', state });
    }
    if (!server.hasSubscribers('cib')) {
      this.#told = null;
      return;
    }
    const cib = this.#cib();
    const before = this.#told;
    // The tree is changed in place, so the next difference needs a copy of what was told.
    this.#told = cib.clone();
    if (!before) {
      server.notify(this.#document());
      return;
    }
    const patch = createPatch(before, cib);
    if (patch) {
      server.notify({
        notify: 'cib',
        version: readVersion(cib),
        patch: writeXml(patch, { indent: false }),
      });
    }
  }
}
