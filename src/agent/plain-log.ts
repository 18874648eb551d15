/**
 * The events of a node as lines of its log that somebody on call can read without knowing the parts of a cluster: what
 * Linux-HA Japan's pm_logconv made of Pacemaker's log. Resources that were started, stopped or do not work; nodes that
 * were lost or came; attributes that changed; and, on the DC, when a fail-over began and how it ended.
 */
import type { ClusterEvent } from '../protocol/messages.js';
import type { LogLevel } from './log.js';

export interface PlainLine {
  readonly level: LogLevel;
  readonly text: string;
}

const RC_OK = 0;
const RC_NOT_RUNNING = 7;
const RC_PROMOTED = 8;

/** What `rc` means, as OCF names it. */
const MEANING: Readonly<Record<number, string>> = {
  1: 'error',
  2: 'invalid parameter',
  3: 'unimplemented feature',
  4: 'insufficient privileges',
  5: 'not installed',
  6: 'not configured',
  7: 'not running',
  8: 'promoted',
  9: 'promoted and failed',
};

const DONE: Readonly<Record<string, string>> = {
  start: 'started',
  stop: 'stopped',
  promote: 'was promoted',
  demote: 'was demoted',
  migrate_to: 'left',
  migrate_from: 'came',
};

const FAILED: Readonly<Record<string, string>> = {
  start: 'failed to start',
  stop: 'failed to stop',
  promote: 'failed to be promoted',
  demote: 'failed to be demoted',
  migrate_to: 'failed to leave',
  migrate_from: 'failed to come',
};

/** One for each agent: it knows whether a fail-over is under way. */
export class PlainLog {
  #failover: { readonly sinceMs: number; readonly cause: string } | null = null;
  #lost: { readonly node: string; readonly atMs: number } | null = null;

  /** The lines for an event; none for what only matters inside the cluster. */
  lines(event: ClusterEvent): PlainLine[] {
    const { kind, data } = event;
    switch (kind) {
      case 'suspected':
        return [line('warning', `Node ${data.node} has not been heard for ${data.silentMs} ms.`)];
      case 'lost':
        this.#lost = { node: String(data.node), atMs: event.atMs };
        return [line('warning', `Node ${data.node} is lost.`)];
      case 'joined':
        return [line('info', `Node ${data.node} is a member.`)];
      case 'quorum':
        return [line(event.text.startsWith('no quorum') ? 'error' : 'info', sentence(event.text))];
      case 'dc':
        // What a DC was in the middle of is begun anew by the next one.
        if (data.dc !== event.node) this.#failover = null;
        return [line('info', `Node ${data.dc} is the DC now.`)];
      case 'attribute':
        return [line('info', sentence(`Attribute ${event.text}`))];
      case 'fencing':
        return [line('warning', sentence(`Start ${event.text}`))];
      case 'fenced':
        return [line('warning', sentence(`Node ${event.text}`))];
      case 'operation':
        return operation(event);
      case 'transition':
        return this.#transition(event);
      default:
        return [];
    }
  }

  #transition(event: ClusterEvent): PlainLine[] {
    const { state, reason, failed } = event.data;
    if (state === 'begun') {
      if (this.#failover) return [];
      const cause = this.#cause(String(reason ?? ''));
      if (cause === null) return [];
      this.#failover = { sinceMs: this.#lost?.atMs ?? event.atMs, cause };
      return [line('error', `Start to fail-over: ${cause}.`)];
    }
    if (!this.#failover || state === 'stopped') return [];
    const seconds = ((event.atMs - this.#failover.sinceMs) / 1000).toFixed(2);
    this.#failover = null;
    return state === 'complete' && !(Number(failed ?? 0) > 0)
      ? [line('info', `Fail-over succeeded after ${seconds} s.`)]
      : [line('error', `Fail-over failed after ${seconds} s.`)];
  }

  /** Why a transition is a fail-over; null where it is none. */
  #cause(reason: string): string | null {
    const lost = this.#lost;
    this.#lost = null;
    if (lost) return `node ${lost.node} is lost`;
    const failed = /^(\S+)_(\w+?)_(\d+) on (\S+) has failed$/.exec(reason);
    if (failed) return `resource ${failed[1]} failed on ${failed[4]}`;
    return null;
  }
}

function line(level: LogLevel, text: string): PlainLine {
  return { level, text };
}

function sentence(text: string): string {
  const whole = text.charAt(0).toUpperCase() + text.slice(1);
  return whole.endsWith('.') ? whole : `${whole}.`;
}

function operation({ data, node, text }: ClusterEvent): PlainLine[] {
  const name = String(data.operation);
  const rc = Number(data.rc);
  const resource = `Resource ${data.resource}`;
  const reason = /\((.*)\)$/.exec(text)?.[1];
  const why = [`rc=${rc}`, reason ?? MEANING[rc]].filter((part) => part !== undefined).join(', ');
  if (name === 'monitor' || name === 'asyncmon') {
    // A probe only asks; a monitor that is repeated looks after what runs.
    if (data.status === 'done' && (rc === RC_OK || rc === RC_PROMOTED)) return [];
    if (name === 'monitor' && Number(data.intervalMs) === 0 && rc === RC_NOT_RUNNING) return [];
    const how = data.status === 'done' ? `(${why})` : `(${data.status})`;
    return [line('error', `${resource} does not work on ${node} ${how}.`)];
  }
  if (DONE[name] === undefined) return [];
  if (data.status === 'done' && rc === RC_OK)
    return [line('info', `${resource} ${DONE[name]} on ${node} (rc=0).`)];
  const how = data.status === 'done' ? why : String(data.status);
  return [line('error', `${resource} ${FAILED[name]} on ${node} (${how}).`)];
}
