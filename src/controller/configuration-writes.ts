import { clusterProperty } from '../cib/cluster-property.js';
import { Element } from '../cib/element.js';
import { changesConfiguration } from '../cib/patch.js';
import { collidingPath, touchedPaths } from '../cib/touched-paths.js';
import { checkValidity } from '../cib/validity.js';
import { compareCibVersions, formatCibVersion } from '../cib/version.js';
import { parseXml, writeXml, XmlError } from '../cib/xml.js';
import type { NodeId } from '../membership/types.js';
import type { CibVersion, Identity } from '../protocol/messages.js';
import { changeRefusal, visibleTo } from './access.js';
import { type Answers, type Asker, OUTCOME_UNKNOWN } from './answers.js';
import type { Dc } from './dc.js';
import type { Document } from './document.js';
import { type Edit, EditError } from './edits.js';
import { nameOf } from './node-names.js';
import type { Output } from './output.js';
import type { ControllerConfig, DcRequest } from './types.js';

/** So many configuration changes are remembered, to judge patches that were made from an older version. */
const RECENT_CHANGES_MAX = 200;

interface PendingWrite {
  readonly asker: Asker;
  readonly version: CibVersion;
}

/** Clients' changes of the document: judged, made, and acknowledged when every member has them on disk. */
export class ConfigurationWrites {
  readonly #config: ControllerConfig;
  readonly #document: Document;
  readonly #output: Output;
  readonly #answers: Answers;
  #dc!: Dc;
  #pending: PendingWrite[] = [];
  /** Newest version that each member has confirmed. */
  readonly #confirmed = new Map<NodeId, CibVersion>();
  readonly #recent: { readonly after: CibVersion; readonly paths: readonly string[] }[] = [];
  #adoptions = 0;

  constructor(config: ControllerConfig, document: Document, output: Output, answers: Answers) {
    this.#config = config;
    this.#document = document;
    this.#output = output;
    this.#answers = answers;
  }

  setDc(dc: Dc): void {
    this.#dc = dc;
    this.#confirmed.clear();
  }

  /** The members have joined: writes of an earlier view are judged anew. */
  ready(): void {
    const replaced = this.#adoptions !== this.#document.adoptions;
    this.#adoptions = this.#document.adoptions;
    if (replaced) this.#recent.length = 0;
    if (replaced || !this.#mayWrite(this.#document.cib)) {
      for (const { asker } of this.#pending.splice(0)) this.#answers.give(asker, OUTCOME_UNKNOWN);
    }
    // Who is not here any more may never have got them.
    if (this.#pending.length > 0) this.#document.noteOwnChange();
  }

  #conflict(asker: Asker, message: string, identity: Identity): void {
    const shown = visibleTo(this.#document.cib, identity, this.#output.nowMs);
    const cib = shown ? { cib: writeXml(shown, { indent: false }) } : {};
    const data = { version: this.#document.version, ...cib };
    this.#answers.refuse(asker, 'conflict', message, data);
  }

  patch(asker: Asker, request: DcRequest & { kind: 'patch' }, identity: Identity): void {
    let patch: Element;
    try {
      patch = parseXml(request.patch);
    } catch (error) {
      if (!(error instanceof XmlError)) throw error;
      this.#answers.refuse(asker, 'invalid-request', `the patch is not XML: ${error.message}`);
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

  replace(asker: Asker, request: DcRequest & { kind: 'replace' }, identity: Identity): void {
    let configuration: Element | undefined;
    try {
      const root = parseXml(request.cib);
      configuration = root.name === 'configuration' ? root : root.first('configuration');
    } catch (error) {
      if (!(error instanceof XmlError)) throw error;
      this.#answers.refuse(asker, 'invalid-request', `the CIB is not XML: ${error.message}`);
      return;
    }
    if (!configuration) {
      this.#answers.refuse(asker, 'invalid-cib', 'the CIB has no configuration section');
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
      this.#answers.refuse(asker, 'permission-denied', refusal);
      return;
    }
    if (configuration && !this.#mayWrite(result)) {
      const { quorum } = this.#dc.view;
      const votes = `${quorum.totalVotes} of ${quorum.expectedVotes} votes`;
      const message = `the configuration cannot be changed without quorum (${votes}): the others may be changing it`;
      this.#answers.refuse(asker, 'no-quorum', `${message}. To go on alone, set no-quorum-policy=ignore`);
      return;
    }
    const complaints = configuration ? complaintsOf(result) : [];
    if (complaints.length > 0) {
      this.#answers.refuse(asker, 'invalid-cib', complaints.join('\n'));
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
      this.#answers.give(asker, { ok: true, result: { version } });
      return;
    }
    this.#pending.push({ asker, version });
    this.#settle();
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
    this.#settle();
  }

  /** A member has something else at a version that the DC knows: the DC's goes for all, and nothing is lost silently. */
  #repair(node: NodeId, version: CibVersion): void {
    const name = nameOf(this.#config.nodes, node);
    const text = `the configuration of ${name} at ${formatCibVersion(version)} is not the DC's: it is replaced`;
    this.#output.log('error', text);
    this.#output.event('cib', text, { node: name, version: formatCibVersion(version) });
    this.#dc.resync(node);
  }

  /** Whether the configuration may be changed: with quorum, or where the document says to go on without. */
  #mayWrite(cib: Element): boolean {
    return this.#dc.view.quorum.quorate || clusterProperty(cib, 'no-quorum-policy') === 'ignore';
  }

  #settle(): void {
    if (!this.#dc.active || !this.#dc.ready) return;
    const members = this.#dc.view.members.map((member) => member.node);
    const isStored = (write: PendingWrite) =>
      members.every((node) => {
        const version = this.#confirmed.get(node);
        return version !== undefined && compareCibVersions(version, write.version) >= 0;
      });
    const done = this.#pending.filter(isStored);
    this.#pending = this.#pending.filter((write) => !done.includes(write));
    for (const { asker, version } of done) this.#answers.give(asker, { ok: true, result: { version } });
  }
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
