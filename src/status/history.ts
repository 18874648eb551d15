import type { Element } from '../cib/element.js';
import { INFINITY } from '../cib/score.js';
import { compareDigests, needsHostAddress } from './digests.js';
import { expectedResult, failCount } from './failcounts.js';
import { canFence, markForRecovery } from './fencing.js';
import {
  ExecutionStatus,
  ExitStatus,
  historyKey,
  integer,
  isMaskedProbeFailure,
  isProbe,
} from './history-entries.js';
import { migrateFromFailed, migrateToFailed, migrateToSucceeded } from './migration.js';
import { findNode } from './nodes.js';
import { noteRecheck } from './nvpairs.js';
import { compareResponses, type FailureResponse, findOperation, operationSettings } from './operation.js';
import { parseOperationKey } from './operation-key.js';
import { requestStop } from './requests.js';
import { addNodeScore, addScoreEverywhere, banEverywhere } from './scores.js';
import {
  type ClusterNode,
  type ClusterStatus,
  isBundled,
  isClone,
  type Resource,
  Role,
  topmost,
} from './types.js';

/** Sets the role of something found running. */
export function setActive(resource: Resource): void {
  resource.role = topmost(resource).promotable ? Role.Unpromoted : Role.Started;
}

/** The history of one resource on one node, while it is read. */
export class HistoryReader {
  readonly status: ClusterStatus;
  readonly resource: Resource;
  readonly node: ClusterNode;
  onFail: FailureResponse = 'ignore';
  private lastFailure: Element | undefined;

  constructor(status: ClusterStatus, resource: Resource, node: ClusterNode) {
    this.status = status;
    this.resource = resource;
    this.node = node;
  }

  read(operation: Element): void {
    const { status, resource, node } = this;
    const task = operation.get('operation');
    const givenStatus = integer(operation, 'op-status', ExecutionStatus.Unknown);
    if (task === undefined || givenStatus < ExecutionStatus.Pending) return;
    if (givenStatus > ExecutionStatus.NoSecrets || task === 'notify' || task === 'meta-data') return;
    const target = resource.unique ? resource : topmost(resource);
    const expected = expectedResult(operation);
    const intervalMs = integer(operation, 'interval', 0);
    const givenRc = integer(operation, 'rc-code', 0);
    const expired =
      givenStatus !== ExecutionStatus.NotInstalled && this.hasExpired(operation, task, intervalMs, givenRc);
    const { rc, execution } = this.interpret(operation, task, expected, givenRc, givenStatus);
    const masked = !isBundled(resource) && isMaskedProbeFailure(operation);
    if (expired && masked && givenRc !== expected) {
      if (resource.role <= Role.Stopped) resource.role = Role.Unknown;
      return;
    }
    if (expired && rc !== expected) {
      if (intervalMs === 0) return;
      if (node.online && !node.unclean) {
        status.expiredOperations.add(operation);
        return;
      }
    }
    if (masked) {
      this.apply(operation, task, expected);
      this.recordFailure(operation);
      addNodeScore(target, node, -INFINITY);
      return;
    }
    switch (execution) {
      case ExecutionStatus.Cancelled:
        return;
      case ExecutionStatus.Pending:
        this.readPending(operation, task, intervalMs);
        return;
      case ExecutionStatus.Done:
        this.apply(operation, task, rc);
        return;
      case ExecutionStatus.NotInstalled:
        if (this.responseTo(operation, task) === 'ignore') this.onFail = 'migrate';
        addNodeScore(target, node, -INFINITY);
        this.readFailure(operation, task, rc);
        return;
      case ExecutionStatus.NotConnected:
        if (node.isGuestOrRemote && node.remoteResource?.managed) markForRecovery(node.remoteResource);
        break;
    }
    const severity =
      execution === ExecutionStatus.NoFenceDevice || execution === ExecutionStatus.NoSecrets
        ? ExecutionStatus.HardError
        : execution;
    const response = this.responseTo(operation, task);
    if (response === 'ignore' || (response === 'restart-container' && task === 'stop')) {
      this.apply(operation, task, expected);
      resource.failureIgnored = true;
      this.recordFailure(operation);
      if (response === 'restart-container' && compareResponses(this.onFail, 'recover') <= 0) {
        this.onFail = response;
      }
      return;
    }
    this.readFailure(operation, task, rc);
    if (severity === ExecutionStatus.HardError) addNodeScore(target, node, -INFINITY);
    else if (severity === ExecutionStatus.FatalError) addScoreEverywhere(status, target, -INFINITY);
  }

  private responseTo(operation: Element, task: string): FailureResponse {
    return this.settings(operation, task).onFail;
  }

  private settings(operation: Element, task: string) {
    const key = historyKey(operation);
    const interval = parseOperationKey(key)?.intervalMs ?? 0;
    const configured = findOperation(this.resource, key, true);
    return operationSettings(this.status, this.resource, task, interval, key, configured, undefined);
  }

  /** Takes agents' particular results for what they mean to the resource. */
  private interpret(
    operation: Element,
    task: string,
    expected: number,
    givenRc: number,
    givenStatus: number,
  ): { rc: number; execution: number } {
    const { resource, node } = this;
    let rc = givenRc;
    let execution = givenStatus;
    if (task === 'monitor' && (rc === ExitStatus.Degraded || rc === ExitStatus.DegradedPromoted)) {
      if (!node.shutdown || node.online) this.recordFailure(operation);
      rc = rc === ExitStatus.Degraded ? ExitStatus.Ok : ExitStatus.RunningPromoted;
    }
    if (!isBundled(resource) && isMaskedProbeFailure(operation)) {
      execution = ExecutionStatus.Done;
      rc = ExitStatus.NotRunning;
    }
    if (execution !== ExecutionStatus.Done && execution !== ExecutionStatus.Error) return { rc, execution };
    execution = expected < 0 || expected !== rc ? ExecutionStatus.Error : ExecutionStatus.Done;
    const probe = isProbe(operation);
    const name = probe ? 'probe' : task;
    switch (rc) {
      case ExitStatus.Ok:
        if (probe && expected === ExitStatus.NotRunning) execution = ExecutionStatus.Done;
        break;
      case ExitStatus.NotRunning:
        if (probe || expected === rc || !resource.managed) {
          execution = ExecutionStatus.Done;
          resource.role = Role.Stopped;
          this.onFail = 'ignore';
          resource.nextRole = Role.Unknown;
        }
        break;
      case ExitStatus.RunningPromoted:
        if (probe && rc !== expected) execution = ExecutionStatus.Done;
        resource.role = Role.Promoted;
        break;
      case ExitStatus.DegradedPromoted:
      case ExitStatus.FailedPromoted:
        resource.role = Role.Promoted;
        execution = ExecutionStatus.Error;
        break;
      case ExitStatus.NotConfigured:
        execution = ExecutionStatus.FatalError;
        break;
      case ExitStatus.Unimplemented:
        if (integer(operation, 'interval', 0) > 0) execution = ExecutionStatus.NotSupported;
        else {
          this.blockFailedStop(name);
          execution = ExecutionStatus.HardError;
        }
        break;
      case ExitStatus.NotInstalled:
      case ExitStatus.InvalidParameter:
      case ExitStatus.InsufficientPrivileges:
        this.blockFailedStop(name);
        execution = ExecutionStatus.HardError;
        break;
      default:
        if (execution === ExecutionStatus.Done) execution = ExecutionStatus.Error;
    }
    return { rc, execution };
  }

  /** A stop that cannot work, where fencing cannot help, leaves nothing to be done. */
  private blockFailedStop(task: string): void {
    if (task !== 'stop' || canFence(this.status, this.node)) return;
    this.resource.managed = false;
    this.resource.blocked = true;
  }

  private readPending(operation: Element, task: string, intervalMs: number): void {
    const { status, resource, node } = this;
    if (task === 'start') {
      resource.startPending = true;
      setActive(resource);
    } else if (task === 'promote') resource.role = Role.Promoted;
    else if (task === 'migrate_to' && node.unclean) {
      const target = findNode(status, operation.get('migrate_target'));
      if (target) requestStop(status, resource, target);
    }
    if (resource.pendingTask === undefined && (intervalMs !== 0 || task !== 'monitor')) {
      resource.pendingTask = task;
      resource.pendingNode = node;
    }
  }

  /** Applies an operation that ended as it should, or is taken for such. */
  private apply(operation: Element, task: string, rc: number): void {
    const { status, resource, node } = this;
    let clearsFailure = false;
    if (rc === ExitStatus.NotInstalled || (!isBundled(resource) && isMaskedProbeFailure(operation))) {
      resource.role = Role.Stopped;
    } else if (rc === ExitStatus.NotRunning) clearsFailure = true;
    else {
      switch (task.toLowerCase()) {
        case 'monitor':
          clearsFailure =
            this.lastFailure !== undefined &&
            historyKey(operation).toLowerCase() === historyKey(this.lastFailure).toLowerCase();
          if (resource.role < Role.Started) setActive(resource);
          break;
        case 'start':
        case 'migrate_from':
          resource.role = Role.Started;
          clearsFailure = true;
          break;
        case 'stop':
          resource.role = Role.Stopped;
          clearsFailure = true;
          break;
        case 'promote':
          resource.role = Role.Promoted;
          clearsFailure = true;
          break;
        case 'demote':
          clearsFailure = this.onFail === 'demote';
          resource.role = Role.Unpromoted;
          break;
        case 'migrate_to':
          migrateToSucceeded(status, resource, node, operation);
          break;
        default:
          if (resource.role < Role.Started) setActive(resource);
      }
    }
    if (clearsFailure) this.clearFailure();
  }

  private clearFailure(): void {
    switch (this.onFail) {
      case 'stop':
      case 'fence':
      case 'migrate':
      case 'standby':
        return;
      case 'reset-remote':
        if (this.resource.reconnectIntervalMs !== 0) return;
        break;
    }
    this.onFail = 'ignore';
    this.resource.nextRole = Role.Unknown;
  }

  private readFailure(operation: Element, task: string, rc: number): void {
    const { status, resource, node } = this;
    this.lastFailure = operation;
    const probe = isProbe(operation);
    if (status.options.symmetricCluster || rc !== ExitStatus.NotInstalled) this.recordFailure(operation);
    const { onFail, failRole } = this.settings(operation, task);
    if (compareResponses(this.onFail, onFail) < 0) this.onFail = onFail;
    switch (task) {
      case 'stop':
        addNodeScore(resource, node, -INFINITY);
        break;
      case 'migrate_to':
        migrateToFailed(status, resource, node, operation);
        break;
      case 'migrate_from':
        migrateFromFailed(status, resource, node, operation);
        break;
      case 'promote':
        resource.role = Role.Promoted;
        break;
      case 'demote':
        if (onFail === 'block') {
          resource.role = Role.Promoted;
          resource.nextRole = Role.Stopped;
        } else resource.role = rc === ExitStatus.NotRunning ? Role.Stopped : Role.Unpromoted;
        break;
    }
    if (probe && rc === ExitStatus.NotInstalled) resource.role = Role.Stopped;
    else if (resource.role < Role.Started) setActive(resource);
    if (failRole !== Role.Started && resource.nextRole < failRole) resource.nextRole = failRole;
    if (failRole === Role.Stopped) {
      const top = topmost(resource);
      banEverywhere(status, resource.parent && isClone(top) && !top.unique ? top : resource);
    }
  }

  private recordFailure(operation: Element): void {
    const { status, resource, node } = this;
    if (!node.online) return;
    const key = operation.get('operation_key');
    const known = status.failures.some(
      (failure) =>
        failure.node === node && failure.xml.get('operation_key')?.toLowerCase() === key?.toLowerCase(),
    );
    if (!known) status.failures.push({ node, resource, operationKey: historyKey(operation), xml: operation });
  }

  /** Whether a failure is older than failure-timeout; asks for the fail-count to be cleared where it is. */
  private hasExpired(operation: Element, task: string, intervalMs: number, rc: number): boolean {
    const { status, resource, node } = this;
    const isLastFailure = operation.id.endsWith('_last_failure_0');
    const now = status.nowSec;
    const lastRun = integer(operation, 'last-rc-change', -1);
    let expired = false;
    let unexpiredCount = 0;
    let clearReason: string | undefined;
    if (resource.failureTimeoutSec > 0 && operation.get('last-rc-change') !== undefined) {
      expired = now >= lastRun + resource.failureTimeoutSec && !this.ignoresTimeout(task, intervalMs);
      const failures = failCount(status, resource, node, { effective: true, operation });
      unexpiredCount = failures.count;
      const expiry = failures.lastFailureSec + resource.failureTimeoutSec + 1;
      if (unexpiredCount && now < expiry) noteRecheck(status, expiry);
    }
    if (expired) {
      if (failCount(status, resource, node, { operation }).count) {
        if (unexpiredCount === 0) clearReason = 'it expired';
        else expired = false;
      } else if (isLastFailure && resource.reconnectIntervalMs) {
        clearReason = 'reconnect interval is set';
      }
    }
    if (!expired && isLastFailure && this.parametersChanged(operation, task)) {
      clearReason = 'resource parameters have changed';
    }
    if (clearReason !== undefined) {
      const remote =
        status.options.stonithEnabled && resource.reconnectIntervalMs
          ? findNode(status, resource.id)
          : undefined;
      status.requests.push({
        kind: 'clear-failcount',
        resource,
        node,
        reason: clearReason,
        afterFencing: remote,
      });
    }
    if (expired && intervalMs === 0 && task === 'monitor') {
      const healthy: readonly number[] = [
        ExitStatus.Ok,
        ExitStatus.NotRunning,
        ExitStatus.RunningPromoted,
        ExitStatus.Degraded,
        ExitStatus.DegradedPromoted,
      ];
      // What a probe found does not expire.
      if (healthy.includes(rc)) expired = false;
    }
    return expired;
  }

  /** A lost connection is not forgotten before its node was fenced. */
  private ignoresTimeout(task: string, intervalMs: number): boolean {
    const { status, resource } = this;
    if (!resource.reconnectIntervalMs || !status.options.stonithEnabled) return false;
    if (intervalMs === 0 || task !== 'monitor') return false;
    const remote = findNode(status, resource.id);
    return remote !== undefined && !remote.remoteWasFenced;
  }

  private parametersChanged(operation: Element, task: string): boolean {
    const { status, resource, node } = this;
    if (task !== 'start' && task !== 'monitor') return false;
    if (needsHostAddress(status, resource)) {
      status.parameterChecks.unshift({ resource, node, operation, check: 'last-failure' });
      return false;
    }
    const { verdict } = compareDigests(status, resource, operation, node, status.sanitized);
    return verdict !== 'match' && verdict !== 'unknown';
  }
}

export { isMaskedProbeFailure };
