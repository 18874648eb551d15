import { createPatch } from '../cib/diff.js';
import type { Element } from '../cib/element.js';
import { applyPatch, changesConfiguration } from '../cib/patch.js';
import { collidingPath, touchedPaths } from '../cib/touched-paths.js';
import {
  afterConfigurationChange,
  afterStatusChange,
  type CibVersion,
  compareCibVersions,
  formatCibVersion,
  readVersion,
  writeVersion,
} from '../cib/version.js';
import { parseXml, writeXml } from '../cib/xml.js';
import type { ErrorCode, Params } from '../protocol/messages.js';
import type { ConnectionError, Outcome } from './connection.js';

/** A document with a change made to it, and the version that the change gives it. */
export interface Changed {
  readonly cib: Element;
  readonly version: CibVersion;
}

export type Refusal = { readonly ok: false; readonly error: ConnectionError };

export function refused(code: ErrorCode, message: string, data?: unknown): Refusal {
  const answer = data === undefined ? { code, message } : { code, message, data };
  return { ok: false, error: { kind: 'refused', message, answer } };
}

/**
 * Makes the change of a patch to a document, whatever version that has by now; a conflict where it does not fit.
 * `what` names the document in messages. The document given is left as it is.
 *
 * @param before what the change was made from, as far as that is known: what others have changed of the same since is a
 *   conflict, though the patch may fit
 * @param checkDigest for documents that people edit without raising the version
 */
export function patched(
  current: Element,
  params: Params<'cib.patch'>,
  what: string,
  before?: Element,
  checkDigest = false,
): Outcome<Changed> {
  const here = readVersion(current);
  const stale = compareCibVersions(here, params.base) !== 0;
  const diff = parseXml(params.patch);
  if (stale && before && !params.force) {
    const theirs = createPatch(before, current);
    const other = theirs ? collidingPath(touchedPaths(diff), touchedPaths(theirs)) : null;
    if (other !== null) {
      const versions = `${formatCibVersion(params.base)}, now ${formatCibVersion(here)}`;
      const message = `${other} has changed in ${what} since it was read (${versions})`;
      return refused('conflict', message, { version: here, cib: writeXml(current) });
    }
  }
  const cib = current.clone();
  const outcome = applyPatch(cib, diff, {
    checkVersion: false,
    strictDelete: !params.force,
    checkDigest: checkDigest && !stale,
  });
  if (!outcome.ok) {
    const message = stale
      ? `${what} has changed since it was read (${formatCibVersion(params.base)}, now ${formatCibVersion(here)}): ${outcome.message}`
      : outcome.message;
    const data = { version: here, cib: writeXml(current) };
    return refused(stale ? 'conflict' : 'invalid-request', message, data);
  }
  const version = changesConfiguration(diff) ? afterConfigurationChange(here) : afterStatusChange(here);
  writeVersion(cib, version);
  return { ok: true, value: { cib, version } };
}

/** Puts another configuration, or with a status a whole document, in the place of one. */
export function replaced(current: Element, params: Params<'cib.replace'>, what: string): Outcome<Changed> {
  const here = readVersion(current);
  if (params.base && !params.force && compareCibVersions(here, params.base) !== 0) {
    const message = `${what} has changed since it was read: it is at ${formatCibVersion(here)} now`;
    return refused('conflict', message, { version: here, cib: writeXml(current) });
  }
  const given = parseXml(params.cib);
  const configuration = given.name === 'configuration' ? given : given.first('configuration');
  if (!configuration) return refused('invalid-cib', 'there is no <configuration> to replace it with');
  let version = afterConfigurationChange(here);
  if (given.name === 'cib' && given.first('status')) {
    // A whole document brings its own version where that is newer.
    const own = readVersion(given);
    if (compareCibVersions(own, version) > 0) version = own;
    writeVersion(given, version);
    return { ok: true, value: { cib: given, version } };
  }
  const cib = current.clone();
  const old = cib.first('configuration');
  if (old) cib.children[cib.children.indexOf(old)] = configuration;
  else cib.children.unshift(configuration);
  writeVersion(cib, version);
  return { ok: true, value: { cib, version } };
}

/** The section that a scope names, as a document of its own. */
export function scoped(cib: Element, scope: Params<'cib.read'>['scope']): Element {
  if (scope === 'configuration' || scope === 'status') cib.children = cib.elements(scope);
  return cib;
}

/** Changes of one connection follow one another: each sees what the one before has left. */
export class Turns {
  #last: Promise<unknown> = Promise.resolve();

  take<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#last.then(work);
    this.#last = mine.catch(() => undefined);
    return mine;
  }

  /** Resolves when nothing is under way. */
  async settled(): Promise<void> {
    await this.#last;
  }
}
