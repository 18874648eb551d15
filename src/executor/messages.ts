/** Between the agent and its executor: requests over the executor's unix socket (protocol/ndjson.ts). */
import { join } from 'node:path';
import type { FenceAgentCall, OperationRequest, OperationResult, RunResult } from './types.js';

/** The executor's socket in its directory. */
export function executorSocket(directory: string): string {
  return join(directory, 'executor.sock');
}

export interface Attachment {
  /** Version of quorate that the executor runs. */
  readonly version: string;
  readonly pid: number;
  /** Call ids go on from here. */
  readonly lastCallId: number;
  /** The last result of every operation on this node, oldest call first. */
  readonly history: readonly OperationResult[];
  /** Recurring operations that go on. */
  readonly recurring: readonly OperationRequest[];
  /** One-time operations that wait or run; their results will be notified. */
  readonly pending: readonly OperationRequest[];
}

export interface ExecutorMethods {
  /** From now on this connection gets the notifications; an earlier one gets none any more. */
  attach: { params: Record<string, never>; result: Attachment };
  /**
   * What to do should the agent vanish: after this time without a new word from an agent, everything that is active is
   * stopped, last started first, for the other nodes take over by then. Null: nothing.
   */
  guard: { params: { stopAfterMs: number | null }; result: Record<string, never> };
  /** Answered when accepted; the result is notified. */
  execute: { params: { request: OperationRequest }; result: Record<string, never> };
  cancel: { params: { resource: string; key: string }; result: { cancelled: boolean } };
  forget: { params: { resource: string; key: string | null }; result: Record<string, never> };
  /** Answered when the agent has ended. */
  fence: { params: { call: FenceAgentCall; timeoutMs: number }; result: RunResult };
  /** Answered when the alert agent has ended. */
  alert: {
    params: { path: string; environment: Readonly<Record<string, string>>; timeoutMs: number };
    result: RunResult;
  };
  classes: { params: Record<string, never>; result: { classes: string[] } };
  providers: { params: { class: string; type?: string }; result: { providers: string[] } };
  agents: { params: { class: string; provider?: string }; result: { agents: string[] } };
  /** Null where there is no such agent, or it gives none. */
  metadata: {
    params: { class: string; provider?: string; type: string };
    result: { xml: string | null };
  };
  /** The processes of a resource whose end would be noticed. */
  watched: {
    params: { resource: string };
    result: { processes: { readonly pid: number; readonly name: string }[] };
  };
  /** Ends the executor; services and what it knows of them stay. With `forget` it also forgets. */
  quit: { params: { forget?: boolean }; result: Record<string, never> };
}

export type ExecutorNotification =
  | { readonly notify: 'result'; readonly result: OperationResult }
  /** A process of an active service has ended by itself; its monitors are on their way. */
  | {
      readonly notify: 'process-ended';
      readonly resource: string;
      readonly processes: readonly { readonly pid: number; readonly name: string }[];
      readonly atMs: number;
    };
