import type { Element } from '../cib/element.js';
import { readVersion } from '../cib/version.js';
import { writeXml } from '../cib/xml.js';
import { accessToAll, isLimited, visibleTo } from '../controller/access.js';
import type { Identity, Method, Notification } from '../protocol/messages.js';
import { ADMINISTRATORS } from './identity.js';

/**
 * What a user who is subject to ACLs needs for a method: nothing, because what is told is not the CIB's, or is filtered
 * (`cib.read`, `history.input`), or is judged by the DC (`cib.patch`); or the right to read, or to write, the whole CIB.
 */
const NEEDS: Readonly<Record<Method, 'nothing' | 'read' | 'write'>> = {
  hello: 'nothing',
  prove: 'nothing',
  subscribe: 'nothing',
  'cib.read': 'nothing',
  'cib.patch': 'nothing',
  'cib.replace': 'nothing',
  'cluster.state': 'nothing',
  'cluster.load': 'nothing',
  'cluster.log': 'read',
  'cluster.cmap': 'nothing',
  'cluster.remarks': 'nothing',
  'cluster.wait-idle': 'nothing',
  'cluster.reload': 'write',
  'history.events': 'read',
  'history.inputs': 'read',
  'history.input': 'nothing',
  'attribute.update': 'write',
  'attribute.query': 'read',
  'resource.cleanup': 'write',
  'resource.fail': 'write',
  'node.fence': 'write',
  'node.confirm-down': 'write',
  'fencing.history': 'read',
  'fencing.forget': 'write',
  'fencing.register': 'write',
  'fencing.registered': 'read',
  'agent.stop': 'write',
  'agents.list': 'nothing',
  'agents.metadata': 'nothing',
};

/**
 * Who may do what at the agent's socket. As with Pacemaker, root and the cluster's own account may do anything, members of
 * `haclient` whatever the CIB's ACLs leave them where `enable-acl` is true (and anything where it is not), others nothing.
 */
export class AccessControl {
  readonly #cib: () => Element;
  readonly #nowMs: () => number;

  constructor(cib: () => Element, nowMs: () => number = Date.now) {
    this.#cib = cib;
    this.#nowMs = nowMs;
  }

  /** Null to let the request pass, else the sentence that refuses it. */
  authorize(identity: Identity, method: Method): string | null {
    const { groups, user } = identity;
    if (groups === undefined) return null;
    if (!groups.includes(ADMINISTRATORS)) return `${user} may not administer this cluster`;
    const needs = NEEDS[method] ?? 'write';
    if (needs === 'nothing' || !this.#applies(identity)) return null;
    const access = accessToAll(this.#cib(), identity);
    const allowed = access === 'write' || (needs === 'read' && access === 'read');
    return allowed
      ? null
      : `${method} is not permitted to ${user}: it needs the right to ${needs} the whole CIB`;
  }

  /** The CIB as this user may see it; null where that is nothing. */
  readable(identity: Identity): Element | null {
    return visibleTo(this.#cib(), identity, this.#nowMs());
  }

  /** What this user may see of a notification: of the CIB the document that is readable, never a patch of all of it. */
  visible(notification: Notification, identity: Identity): Notification | null {
    if (notification.notify === 'state' || !this.#applies(identity)) return notification;
    if (notification.notify === 'events') {
      return this.authorize(identity, 'history.events') === null ? notification : null;
    }
    const shown = this.readable(identity);
    if (!shown) return null;
    return { notify: 'cib', version: readVersion(this.#cib()), cib: writeXml(shown, { indent: false }) };
  }

  #applies(identity: Identity): boolean {
    return isLimited(this.#cib(), identity, this.#nowMs());
  }
}
