import { cibDigest } from '../cib/digest.js';
import { emptyCib } from '../cib/document.js';
import { Element } from '../cib/element.js';
import { md5 } from '../cib/md5.js';
import {
  afterConfigurationChange,
  afterStatusChange,
  compareCibVersions,
  formatCibVersion,
  readVersion,
  writeVersion,
} from '../cib/version.js';
import { parseXml, writeXml } from '../cib/xml.js';
import type { CibVersion } from '../protocol/messages.js';
import { applyEdits, changesConfiguration, type Edit, EditError } from './edits.js';
import { NO_LINEAGE } from './lineage.js';
import type { Output } from './output.js';
import type { Broadcast, Lineage } from './types.js';

/** So many digests are remembered, to be compared with the other members'. */
const DIGESTS_MAX = 64;

/** This node's copy of the CIB, and getting it to disk. */
export class Document {
  cib: Element = emptyCib();
  lineage: Lineage = NO_LINEAGE;
  /** Equal at two nodes only where the documents are equal: the last broadcast that was applied. */
  position = '';
  /** Others may change theirs at the same time: `isApart`. */
  apart = false;
  readonly #output: Output;
  #writes = 0;
  #writing: { readonly write: number; readonly version: CibVersion; readonly digest: string } | null = null;
  #storeWanted = false;
  /** Writes up to here hold a document that another may have replaced: nobody is told of them. */
  #unreported = 0;
  /** Digests of the configurations that were written here last, by version. */
  readonly #digests = new Map<string, string>();
  /** Counts how often another document has taken this one's place. */
  adoptions = 0;

  constructor(output: Output) {
    this.#output = output;
  }

  load(cib: string | null, lineage: Lineage | null): void {
    this.cib = cib === null ? emptyCib() : parseXml(cib);
    // What was true of the nodes when this was written says nothing about now.
    const status = this.cib.first('status');
    if (status) this.cib.remove(status);
    this.cib.append(new Element('status'));
    this.lineage = lineage ?? NO_LINEAGE;
    // Of the whole text: documents with one digest of their configuration may still differ in who wrote them when.
    this.position = `disk ${formatCibVersion(this.version)} ${md5(this.text())}`;
  }

  get version(): CibVersion {
    return readVersion(this.cib);
  }

  /** Digest of the configuration section alone. */
  configurationDigest(): string {
    const configuration = this.cib.first('configuration');
    const holder = new Element('cib', [], configuration ? [configuration] : []);
    return cibDigest(holder, this.cib.get('crm_feature_set'));
  }

  /**
   * Makes a change here, where changes are made (the DC), and returns it for the others. Throws EditError, with the
   * document as it was, where an edit does not fit.
   */
  change(edits: readonly Edit[], position: string, stamp: Readonly<Record<string, string>> = {}): Broadcast {
    const base = this.version;
    const configuration = changesConfiguration(edits);
    const all: Edit[] = configuration ? [...edits, { kind: 'root', attributes: stamp }] : [...edits];
    const version = configuration ? afterConfigurationChange(base) : afterStatusChange(base);
    this.#apply(all, version, configuration);
    this.position = position;
    return { kind: 'update', base, edits: all, version, position, configuration };
  }

  /** What edits would make of the document. Throws EditError where one does not fit. */
  trial(edits: readonly Edit[]): Element {
    const copy = this.cib.clone();
    applyEdits(copy, edits);
    return copy;
  }

  /** On a copy where the edits come from outside and may not fit. */
  #apply(edits: readonly Edit[], version: CibVersion, configuration: boolean): void {
    const risky = edits.some((edit) => edit.kind === 'patch' || edit.kind === 'configuration');
    const target = risky ? this.cib.clone() : this.cib;
    applyEdits(target, edits);
    writeVersion(target, version);
    this.cib = target;
    if (configuration) {
      this.noteOwnChange();
      this.store();
    }
    this.#output.push({ kind: 'cib-changed' });
  }

  /**
   * Where others may change theirs at the same time, the document differs from theirs from here on. That is to be on disk
   * with the change: a node that loses its power must know it afterwards.
   */
  noteOwnChange(): void {
    if (this.apart) this.lineage = { ...this.lineage, diverged: true };
  }

  /** Follows a change made by the DC. False where it does not fit: the whole document is needed. */
  follow(update: Broadcast & { kind: 'update' }): boolean {
    const here = this.version;
    if (compareCibVersions(here, update.version) >= 0) return true;
    if (compareCibVersions(here, update.base) !== 0) return false;
    try {
      this.#apply(update.edits, update.version, update.configuration);
    } catch (error) {
      if (error instanceof EditError) return false;
      throw error;
    }
    this.position = update.position;
    return true;
  }

  /** Takes another document instead of this one, which is kept aside where it holds changes of its own. */
  adopt(cib: string, lineage: Lineage, position: string): void {
    const lost = this.lineage.diverged ? this.configurationDigest() : null;
    const old = this.cib;
    this.adoptions++;
    this.cib = parseXml(cib);
    this.lineage = lineage;
    this.position = position;
    if (lost !== null && lost !== this.configurationDigest()) {
      const version = readVersion(old);
      const reason = `${formatCibVersion(version)} was changed apart from the others, and ${formatCibVersion(this.version)} has won`;
      this.#output.push({ kind: 'keep-document', cib: storable(old), version, reason });
      this.#output.event('cib', `a conflicting configuration was set aside: ${reason}`, {
        version: formatCibVersion(version),
      });
    }
    this.store();
    this.#output.push({ kind: 'cib-changed' });
  }

  text(): string {
    return writeXml(this.cib, { indent: false });
  }

  /** Writes the document that the members of the view now share; only such writes count as confirmations. */
  storeShared(): void {
    this.#unreported = this.#writes;
    this.store();
  }

  /** Writes the present configuration to disk, after the write that is under way. */
  store(): void {
    if (this.#writing) {
      this.#storeWanted = true;
      return;
    }
    this.#storeWanted = false;
    const { version, lineage } = this;
    const digest = this.configurationDigest();
    this.#remember(formatCibVersion(version), digest);
    this.#writing = { write: ++this.#writes, version, digest };
    this.#output.push({ kind: 'store', write: this.#writes, cib: storable(this.cib), lineage, version });
  }

  #remember(version: string, digest: string): void {
    this.#digests.delete(version);
    this.#digests.set(version, digest);
    for (const old of this.#digests.keys()) {
      if (this.#digests.size <= DIGESTS_MAX) break;
      this.#digests.delete(old);
    }
  }

  /** Digest of the configuration that was written here at that version; undefined where none was, or long ago. */
  digestAt(version: CibVersion): string | undefined {
    return this.#digests.get(formatCibVersion(version));
  }

  /** A write is on disk; returns what it held. */
  stored(write: number): { readonly version: CibVersion; readonly digest: string } | null {
    const done = this.#writing;
    if (done?.write !== write) return null;
    this.#writing = null;
    if (this.#storeWanted) this.store();
    return write > this.#unreported ? done : null;
  }
}

/** The configuration with its versions, as it is kept on disk: the status section is made anew at every start. */
function storable(cib: Element): string {
  const configuration = cib.first('configuration');
  return writeXml(
    new Element('cib', cib.attributes, [...(configuration ? [configuration] : []), new Element('status')]),
  );
}
