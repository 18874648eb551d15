/**
 * Events of a cluster in words that somebody on call can read without knowing its parts: what Linux-HA Japan's
 * pm_logconv made of Pacemaker's log. The agent's log and `crm history` say them alike.
 */
import { knownExitStatus } from '../cib/agent-exit-status.js';
import type { ClusterEvent } from './messages.js';

export interface PlainWords {
  readonly level: 'info' | 'warning' | 'error';
  /** A sentence without its full stop. */
  readonly text: string;
}

const RC_OK = 0;
const RC_NOT_RUNNING = 7;
const RC_PROMOTED = 8;

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

/** What an event means to who looks after the services; null for what only matters inside the cluster. */
export function plainWords(event: ClusterEvent): PlainWords | null {
  const { kind, data, text } = event;
  switch (kind) {
    case 'suspected':
      return words('warning', `Node ${data.node} has not been heard for ${data.silentMs} ms`);
    case 'lost':
      return words('warning', `Node ${data.node} is lost`);
    case 'joined':
      return words('info', `Node ${data.node} is a member`);
    case 'quorum':
      return words(text.startsWith('no quorum') ? 'error' : 'info', text);
    case 'dc':
      return words('info', `Node ${data.dc} is the DC now`);
    case 'attribute':
      return words('info', `Attribute ${text}`);
    case 'fencing':
      return words('warning', `Start ${text}`);
    case 'fenced':
      return words('warning', `Node ${text}`);
    case 'operation':
      return operation(event);
    default:
      return null;
  }
}

function words(level: PlainWords['level'], text: string): PlainWords {
  const sentence = text.charAt(0).toUpperCase() + text.slice(1);
  return { level, text: sentence.replace(/\.$/, '') };
}

function operation({ data, node, text }: ClusterEvent): PlainWords | null {
  const name = String(data.operation);
  const rc = Number(data.rc);
  const resource = `Resource ${data.resource}`;
  const reason = /\((.*)\)$/.exec(text)?.[1];
  const why = [`rc=${rc}`, reason ?? knownExitStatus(rc)].filter((part) => part !== undefined).join(', ');
  const how = data.status === 'done' ? why : String(data.status);
  if (name === 'monitor' || name === 'asyncmon') {
    // A probe only asks; a monitor that is repeated looks after what runs.
    if (data.status === 'done' && (rc === RC_OK || rc === RC_PROMOTED)) return null;
    if (name === 'monitor' && Number(data.intervalMs) === 0 && rc === RC_NOT_RUNNING) return null;
    return words('error', `${resource} does not work on ${node} (${how})`);
  }
  if (DONE[name] === undefined) return null;
  if (data.status === 'done' && rc === RC_OK)
    return words('info', `${resource} ${DONE[name]} on ${node} (rc=0)`);
  return words('error', `${resource} ${FAILED[name]} on ${node} (${how})`);
}
