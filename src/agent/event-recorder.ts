import type { ControllerEffect } from '../controller/types.js';
import type { DetectorNews } from '../membership/detector.js';
import { PROTOCOL } from '../membership/protocol.js';
import type { NodeId } from '../membership/types.js';
import type { ClusterEvent } from '../protocol/messages.js';
import type { AlertHost } from './alerts.js';
import type { EventLog } from './events.js';
import type { Log } from './log.js';
import type { Notifications } from './notifications.js';
import { PlainLog } from './plain-log.js';
import type { SchedulerInputs } from './scheduler-inputs.js';

export interface EventRecorderOptions {
  readonly localNode: string;
  readonly nameOf: (node: NodeId) => string;
  readonly events: EventLog;
  readonly inputs: SchedulerInputs;
  readonly alerts: AlertHost;
  readonly notifications: Notifications;
  readonly log: Log;
}

/** Takes down what happens, for everyone who wants to know: history, log, alert agents, subscribers. */
export class EventRecorder {
  readonly #options: EventRecorderOptions;
  readonly #plainLog = new PlainLog();
  /** The scheduler input that the next transition was planned from. */
  #keptInput: string | null = null;

  constructor(options: EventRecorderOptions) {
    this.#options = options;
  }

  record(event: ClusterEvent): void {
    const { events, alerts, log, notifications } = this.#options;
    events.add(event);
    alerts.noted(event);
    log.write('info', `${event.kind}: ${event.text}`);
    for (const { level, text } of this.#plainLog.lines(event)) log.write(level, text);
    notifications.event(event);
  }

  /** An event of the controller; a transition's beginning gets the name of what the scheduler was given for it. */
  fromController(event: ClusterEvent): void {
    const input = this.#keptInput;
    if (input === null || event.kind !== 'transition' || event.data.state !== 'begun') this.record(event);
    else {
      this.#keptInput = null;
      this.record({ ...event, data: { ...event.data, input } });
    }
  }

  keepInput({ series, max, cib }: Extract<ControllerEffect, { kind: 'keep-input' }>): void {
    this.#keptInput = this.#options.inputs.keep(series, max, cib);
  }

  /** What the heartbeat thread has found out about a peer. */
  peer(news: DetectorNews): void {
    const { localNode, nameOf, log } = this.#options;
    const node = nameOf(news.node);
    if (news.kind === 'suspected') {
      const silentMs = Math.round(news.silentMs);
      this.record({
        atMs: Date.now(),
        node: localNode,
        kind: 'suspected',
        text: `${node} has not been heard for ${silentMs} ms`,
        data: { node, silentMs },
      });
    } else if (news.kind === 'incompatible') {
      const { oldest, newest } = news.protocol!;
      log.write(
        'error',
        `${node} speaks versions ${oldest} to ${newest} of the messages, this agent ${PROTOCOL.oldest} to ${PROTOCOL.newest}: it cannot be taken in`,
      );
    } else log.write('info', `${node} is ${news.kind}`);
  }

  /** All own links have gone down, or some work again. */
  isolated(isolated: boolean): void {
    const node = this.#options.localNode;
    this.record({
      atMs: Date.now(),
      node,
      kind: 'isolated',
      text: isolated
        ? `all own links of ${node} are down: it yields`
        : `links of ${node} work again: it listens for the others`,
      data: { isolated },
    });
  }
}
