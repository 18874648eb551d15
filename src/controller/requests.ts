import { Element } from '../cib/element.js';
import { changesConfiguration } from '../cib/patch.js';
import { collidingPath, touchedPaths } from '../cib/touched-paths.js';
import { checkValidity } from '../cib/validity.js';
import { compareCibVersions, formatCibVersion } from '../cib/version.js';
import { parseXml, writeXml, XmlError } from '../cib/xml.js';
import type { NodeId } from '../membership/types.js';
import type { CibVersion, ErrorCode, Identity } from '../protocol/messages.js';
import { changeRefusal, visibleTo } from './access.js';
import type { Dc } from './dc.js';
import type { Document } from './document.js';
import { type Edit, EditError, findNodeState } from './edits.js';
import type { Output } from './output.js';
import type { PrivateAttributes } from './private-attributes.js';
import type {
  AttributeUpdate,
  ControllerConfig,
  DcRequest,
  DirectMessage,
  FenceResult,
  RequestAnswer,
} from './types.js';

/** So many configuration changes are remembered, to judge patches that were made from an older version. */
const RECENT_CHANGES_MAX = 200;
/** So many answers are kept for a client whose node asks again after a change of view. */
const ANSWERS_MAX = 200;

/** To a client whose write may have been made by a DC that has not lived, or has not stayed the DC, to tell. */
export const OUTCOME_UNKNOWN: RequestAnswer = {
  ok: false,
  error: {
    code: 'failed',
    message: 'the DC was lost before it answered: the change may or may not have been made',
  },
};

export function isWrite(request: DcRequest): boolean {
  return request.kind === 'patch' || request.kind === 'replace';
}

interface Asker {
  readonly node: NodeId;
  readonly id: string;
}

interface PendingWrite {
  readonly asker: Asker;
  readonly version: CibVersion;
  /** Members that have it on disk. */
  readonly stored: Set<NodeId>;
}

/** The DC's service to clients: changes of the configuration, attributes, cleanup, waiting. */
export class Requests {
  readonly #config: ControllerConfig;
  readonly #document: Document;
  readonly #output: Output;
  #dc!: Dc;
  /** Arrived before the members had joined. */
  readonly #waiting: (Asker & { readonly request: DcRequest; readonly identity: Identity })[] = [];
  #writes: PendingWrite[] = [];
  /** Newest version that each member has confirmed. */
  readonly #confirmed = new Map<NodeId, CibVersion>();
  readonly #recent: { readonly after: CibVersion; readonly paths: readonly string[] }[] = [];
  #adoptions = 0;
  readonly #answers = new Map<string, RequestAnswer>();
  readonly #inHand = new Set<string>();
  #idleWaiters: Asker[] = [];
  readonly #fences = new Map<string, Asker>();
  readonly #dampened = new Map<string, Map<string, string | null>>();

  readonly #privates: PrivateAttributes;
  readonly #dcSince: number;

  /** @param dcSince epoch of the view in which this node became the DC: what was asked before, it knows nothing of */
  constructor(
    config: ControllerConfig,
    document: Document,
    output: Output,
    privates: PrivateAttributes,
    dcSince: number,
  ) {
    this.#privates = privates;
    this.#dcSince = dcSince;
    this.#config = config;
    this.#document = document;
    this.#output = output;
  }

  setDc(dc: Dc): void {
    this.#dc = dc;
    this.#confirmed.clear();
  }

  /** The members have joined: writes of an earlier view are judged anew, and what has waited is served. */
  ready(): void {
    const replaced = this.#adoptions !== this.#document.adoptions;
    this.#adoptions = this.#document.adoptions;
    if (replaced) this.#recent.length = 0;
    if (replaced || !this.#mayWrite(this.#document.cib)) {
      for (const { asker } of this.#writes.splice(0)) this.#answer(asker, OUTCOME_UNKNOWN);
    }
    // Who is not here any more may never have got them.
    if (this.#writes.length > 0) this.#document.noteOwnChange();
    this.serveWaiting();
    // Writes of an earlier view are with all members of this one as soon as those have stored what they joined with.
    this.#document.storeShared();
  }

  /** Nothing is begun while the view may be over. */
  serveWaiting(): void {
    if (!this.#dc.ready || !this.#dc.active) return;
    for (const { node, id, request, identity } of this.#waiting.splice(0)) {
      this.#serve({ node, id }, request, identity);
    }
  }

  receive(node: NodeId, message: DirectMessage & { readonly kind: 'request' }): void {
    const { id, request, identity, firstSentIn = this.#dcSince } = message;
    const asker = { node, id };
    const known = this.#answers.get(id);
    if (known) {
      this.#output.direct(node, { kind: 'answer', id, answer: known });
      return;
    }
    if (this.#inHand.has(id)) return;
    if (isWrite(request) && firstSentIn < this.#dcSince) {
      // An earlier run of this node, or an earlier term of it as the DC, may have made the change already.
      this.#answer(asker, OUTCOME_UNKNOWN);
      return;
    }
    this.#inHand.add(id);
    this.#waiting.push({ ...asker, request, identity });
    this.serveWaiting();
  }

  #answer(asker: Asker, answer: RequestAnswer): void {
    this.#inHand.delete(asker.id);
    this.#answers.set(asker.id, answer);
    for (const old of this.#answers.keys()) {
      if (this.#answers.size <= ANSWERS_MAX) break;
      this.#answers.delete(old);
    }
    this.#output.direct(asker.node, { kind: 'answer', id: asker.id, answer });
  }

  #refuse(asker: Asker, code: ErrorCode, message: string, data?: unknown): void {
    this.#answer(asker, { ok: false, error: { code, message, ...(data === undefined ? {} : { data }) } });
  }

  #serve(asker: Asker, request: DcRequest, identity: Identity): void {
    switch (request.kind) {
      case 'patch':
        this.#patch(asker, request, identity);
        break;
      case 'replace':
        this.#replace(asker, request, identity);
        break;
      case 'attribute':
        this.attribute(request.update);
        this.#answer(asker, { ok: true, result: {} });
        break;
      case 'cleanup':
        this.#cleanup(asker, request);
        break;
      case 'fail':
        this.#fail(asker, request);
        break;
      case 'wait-idle':
        if (this.#dc.idle) this.#answer(asker, { ok: true, result: { idle: true } });
        else {
          this.#idleWaiters.push(asker);
          this.#output.setTimer(`request:${asker.id}`, request.timeoutMs);
        }
        break;
      case 'fence': {
        const reason = `asked for by ${identity.user}`;
        this.#fences.set(
          this.#dc.fence(request.node, request.action, request.timeoutMs, reason, null),
          asker,
        );
        break;
      }
      case 'confirm-down':
        this.#dc.markDown(request.node);
        this.#answer(asker, { ok: true, result: {} });
        break;
      case 'shut-down':
        this.#dc.setAttribute(request.node, 'shutdown', String(Math.floor(this.#output.nowMs / 1000)));
        this.#answer(asker, { ok: true, result: {} });
        break;
    }
  }

  timer(timer: string): void {
    if (timer.startsWith('request:dampen:')) {
      this.#flushDampened(timer.slice('request:dampen:'.length));
      return;
    }
    const id = timer.slice('request:'.length);
    const waiter = this.#idleWaiters.find((asker) => asker.id === id);
    if (!waiter) return;
    this.#idleWaiters = this.#idleWaiters.filter((asker) => asker !== waiter);
    this.#answer(waiter, { ok: true, result: { idle: false } });
  }

  idle(): void {
    for (const asker of this.#idleWaiters.splice(0)) {
      this.#output.cancelTimer(`request:${asker.id}`);
      this.#answer(asker, { ok: true, result: { idle: true } });
    }
  }

  fenced(result: FenceResult): void {
    const asker = this.#fences.get(result.id);
    if (!asker) return;
    this.#fences.delete(result.id);
    if (result.ok) this.#answer(asker, { ok: true, result: {} });
    else this.#refuse(asker, 'failed', `fencing ${result.target} has failed: ${result.text}`);
  }

  // ---- Configuration ----

  #conflict(asker: Asker, message: string, identity: Identity): void {
    const shown = visibleTo(this.#document.cib, identity, this.#output.nowMs);
    const cib = shown ? { cib: writeXml(shown, { indent: false }) } : {};
    const data = { version: this.#document.version, ...cib };
    this.#refuse(asker, 'conflict', message, data);
  }

  #patch(asker: Asker, request: DcRequest & { kind: 'patch' }, identity: Identity): void {
    let patch: Element;
    try {
      patch = parseXml(request.patch);
    } catch (error) {
      if (!(error instanceof XmlError)) throw error;
      this.#refuse(asker, 'invalid-request', `the patch is not XML: ${error.message}`);
      return;
    }
    const paths = touchedPaths(patch);
    const clash = request.force ? null : this.#clash(request.base, paths);
    if (clash !== null) {
      this.#conflict(asker, clash, identity);
      return;
    }
    const edit: Edit = { kind: 'patch', patch: request.patch };
    this.#write(asker, edit, paths, changesConfiguration(patch), request.command, identity);
  }

  #replace(asker: Asker, request: DcRequest & { kind: 'replace' }, identity: Identity): void {
    let configuration: Element | undefined;
    try {
      const root = parseXml(request.cib);
      configuration = root.name === 'configuration' ? root : root.first('configuration');
    } catch (error) {
      if (!(error instanceof XmlError)) throw error;
      this.#refuse(asker, 'invalid-request', `the CIB is not XML: ${error.message}`);
      return;
    }
    if (!configuration) {
      this.#refuse(asker, 'invalid-cib', 'the CIB has no configuration section');
      return;
    }
    const paths = ['/cib/configuration'];
    const clash = request.force || request.base === null ? null : this.#clash(request.base, paths);
    if (clash !== null) {
      this.#conflict(asker, clash, identity);
      return;
    }
    const edit: Edit = { kind: 'configuration', xml: writeXml(configuration, { indent: false }) };
    this.#write(asker, edit, paths, true, request.command, identity);
  }

  /** What has changed since `base` of what is to be changed; null where nothing. */
  #clash(base: CibVersion, paths: readonly string[]): string | null {
    const here = this.#document.version;
    const versions = `it was made from ${formatCibVersion(base)}, the cluster has ${formatCibVersion(here)}`;
    if (base.adminEpoch === here.adminEpoch && base.epoch === here.epoch) return null;
    if (compareCibVersions(base, here) > 0)
      return `the change is from a version that is not known here: ${versions}`;
    const since = this.#recent.filter((change) => compareCibVersions(change.after, base) > 0);
    const known = here.epoch - base.epoch;
    if (base.adminEpoch !== here.adminEpoch || since.length < known)
      return `the configuration has moved on: ${versions}`;
    for (const change of since) {
      const other = collidingPath(paths, change.paths);
      if (other !== null) return `${other} has changed meanwhile: ${versions}`;
    }
    return null;
  }

  #write(
    asker: Asker,
    edit: Edit,
    paths: readonly string[],
    configuration: boolean,
    command: string,
    identity: Identity,
  ): void {
    let result: Element;
    try {
      result = this.#document.trial([edit]);
    } catch (error) {
      if (!(error instanceof EditError)) throw error;
      this.#conflict(asker, error.message, identity);
      return;
    }
    const refusal = changeRefusal(
      this.#document.cib,
      result,
      identity,
      this.#output.nowMs,
      edit.kind !== 'patch',
    );
    if (refusal !== null) {
      this.#refuse(asker, 'permission-denied', refusal);
      return;
    }
    if (configuration && !this.#mayWrite(result)) {
      const { quorum } = this.#dc.view;
      const votes = `${quorum.totalVotes} of ${quorum.expectedVotes} votes`;
      const message = `the configuration cannot be changed without quorum (${votes}): the others may be changing it`;
      this.#refuse(asker, 'no-quorum', `${message}. To go on alone, set no-quorum-policy=ignore`);
      return;
    }
    const complaints = configuration ? complaintsOf(result) : [];
    if (complaints.length > 0) {
      this.#refuse(asker, 'invalid-cib', complaints.join('\n'));
      return;
    }
    this.#dc.change([edit], command || 'cibadmin', identity.user);
    const { version } = this.#document;
    if (configuration) {
      this.#recent.push({ after: version, paths });
      if (this.#recent.length > RECENT_CHANGES_MAX) this.#recent.shift();
      this.#output.event(
        'cib',
        `configuration ${formatCibVersion(version)} by ${identity.user}: ${command}`,
        {
          version: formatCibVersion(version),
          user: identity.user,
          origin: identity.origin,
          command,
        },
      );
    }
    this.#dc.requestPlan('the configuration has changed');
    if (!configuration) {
      this.#answer(asker, { ok: true, result: { version } });
      return;
    }
    this.#writes.push({ asker, version, stored: new Set() });
    this.#settleWrites();
  }

  /** A member has this version on disk, with a configuration of this digest. */
  stored(node: NodeId, version: CibVersion, digest: string): void {
    const own = this.#document.digestAt(version);
    if (own !== undefined && own !== digest) {
      this.#repair(node, version);
      return;
    }
    const before = this.#confirmed.get(node);
    if (!before || compareCibVersions(version, before) > 0) this.#confirmed.set(node, version);
    this.#settleWrites();
  }

  /** A member has something else at a version that the DC knows: the DC's goes for all, and nothing is lost silently. */
  #repair(node: NodeId, version: CibVersion): void {
    const name = this.#config.nodes.find((one) => one.node === node)?.name ?? String(node);
    const text = `the configuration of ${name} at ${formatCibVersion(version)} is not the DC's: it is replaced`;
    this.#output.log('error', text);
    this.#output.event('cib', text, { node: name, version: formatCibVersion(version) });
    this.#dc.resync(node);
  }

  /** Whether the configuration may be changed: with quorum, or where the document says to go on without. */
  #mayWrite(cib: Element): boolean {
    return this.#dc.view.quorum.quorate || clusterProperty(cib, 'no-quorum-policy') === 'ignore';
  }

  #settleWrites(): void {
    if (!this.#dc.active || !this.#dc.ready) return;
    const members = this.#dc.view.members.map((member) => member.node);
    const isStored = (write: PendingWrite) =>
      members.every((node) => {
        const version = this.#confirmed.get(node);
        return version !== undefined && compareCibVersions(version, write.version) >= 0;
      });
    const done = this.#writes.filter(isStored);
    this.#writes = this.#writes.filter((write) => !done.includes(write));
    for (const { asker, version } of done) this.#answer(asker, { ok: true, result: { version } });
  }

  // ---- Attributes ----

  attribute(update: AttributeUpdate): void {
    if (update.private || this.#privates.has(update.name)) {
      if (!this.#privates.set(update.node, update.name, update.value)) return;
      const payload = { kind: 'private', attributes: this.#privates.table } as const;
      this.#output.push({ kind: 'broadcast', payload });
      return;
    }
    if (update.dampenMs <= 0) {
      this.#dc.setAttribute(update.node, update.name, update.value);
      return;
    }
    const held = this.#dampened.get(update.name) ?? new Map<string, string | null>();
    // The first change starts the clock; those that follow within it are written with it.
    if (held.size === 0) this.#output.setTimer(`request:dampen:${update.name}`, update.dampenMs);
    held.set(update.node, update.value);
    this.#dampened.set(update.name, held);
  }

  #flushDampened(name: string): void {
    const held = this.#dampened.get(name);
    this.#dampened.delete(name);
    for (const [node, value] of held ?? []) this.#dc.setAttribute(node, name, value);
  }

  // ---- Cleanup ----

  /** A primitive counts as failed on a node; one that it has never run there cannot. */
  #fail(asker: Asker, request: DcRequest & { kind: 'fail' }): void {
    const found = this.#config.nodes.find(({ name }) => name === request.node);
    const member = found && this.#dc.view.members.some(({ node }) => node === found.node);
    const resource =
      found &&
      findNodeState(this.#document.cib, String(found.node))
        ?.at('lrm', 'lrm_resources')
        ?.elements('lrm_resource')
        .find(({ id }) => id === request.resource);
    if (!found || !member || !resource) {
      const message = member
        ? `${request.resource} has no history on ${request.node}`
        : `Node ${request.node} is not online`;
      this.#answer(asker, { ok: false, error: { code: 'not-found', message } });
      return;
    }
    const spec = { id: resource.id, class: resource.get('class') ?? '', type: resource.get('type') ?? '' };
    const provider = resource.get('provider');
    this.#dc.fail(found.node, provider === undefined ? spec : { ...spec, provider });
    this.#answer(asker, { ok: true, result: {} });
  }

  #cleanup(asker: Asker, request: DcRequest & { kind: 'cleanup' }): void {
    const cleaned: { resource: string; node: string }[] = [];
    for (const { node, name } of this.#config.nodes) {
      if (request.node !== null && request.node !== name) continue;
      const resources = findNodeState(this.#document.cib, String(node))?.at('lrm', 'lrm_resources');
      for (const resource of resources?.elements('lrm_resource') ?? []) {
        if (request.resource !== null && !isInstanceOf(resource.id, request.resource, this.#document.cib))
          continue;
        const failed = this.#dc.clearFailures(node, resource.id, request.operation, request.intervalMs);
        const recorded = resource
          .elements('lrm_rsc_op')
          .some((entry) => entry.id.endsWith('_last_failure_0') && !isFinding(entry));
        if (!request.refresh && !failed && !recorded) continue;
        const provider = resource.get('provider');
        const spec = {
          id: resource.id,
          class: resource.get('class') ?? '',
          type: resource.get('type') ?? '',
        };
        if (this.#dc.view.members.some((member) => member.node === node)) {
          this.#dc.forget(node, provider === undefined ? spec : { ...spec, provider });
        } else this.#dc.change([{ kind: 'forget', node: String(node), resource: resource.id }]);
        cleaned.push({ resource: resource.id, node: name });
      }
    }
    this.#dc.requestPlan('failures were cleaned up');
    this.#answer(asker, { ok: true, result: { cleaned } });
  }
}

/** A cluster option as it is set, by whatever rule; undefined where it is not. */
export function clusterProperty(cib: Element, name: string): string | undefined {
  return (cib.at('configuration', 'crm_config')?.elements('cluster_property_set') ?? [])
    .flatMap((set) => set.elements('nvpair'))
    .find((pair) => pair.get('name') === name)
    ?.get('value');
}

/** A probe that has found the resource active, which is recorded as a failure and is none. */
function isFinding(entry: Element): boolean {
  const probe = entry.get('operation') === 'monitor' && Number(entry.get('interval') ?? 0) === 0;
  return probe && entry.get('op-status') === '0' && ['0', '7', '8'].includes(entry.get('rc-code') ?? '');
}

/** Whether a history belongs to a resource: itself, an instance of it, or a member of the group or clone. */
function isInstanceOf(history: string, resource: string, cib: Element): boolean {
  const base = history.replace(/:\d+$/, '');
  if (base === resource || history === resource) return true;
  for (const element of cib.at('configuration', 'resources')?.descendants() ?? []) {
    if (element.id !== resource) continue;
    for (const inner of element.descendants())
      if (inner.name === 'primitive' && inner.id === base) return true;
  }
  return false;
}

/** What the schema says of a configuration, a line each. The status section is the cluster's own and not judged. */
function complaintsOf(cib: Element): string[] {
  const configuration = cib.first('configuration');
  const judged = new Element(
    'cib',
    cib.attributes,
    configuration ? [configuration, new Element('status')] : [],
  );
  const { valid, known, schema, complaints } = checkValidity(judged);
  if (valid) return [];
  if (!known) return [`the schema ${schema} is not known`];
  return complaints.map((complaint) => complaint.message);
}
