import { createPatch as differences } from '../cib/diff.js';
import type { Element } from '../cib/element.js';
import { changesConfiguration } from '../cib/patch.js';
import {
  afterConfigurationChange,
  afterStatusChange,
  type CibVersion,
  readVersion,
  writeVersion,
} from '../cib/version.js';
import { writeXml } from '../cib/xml.js';
import type { Params } from '../protocol/messages.js';
import type { Outcome } from './connection.js';

export interface Patch {
  /** A `<diff format="2">` as text; undefined where nothing differs. */
  readonly patch: string | undefined;
  /** The version it was made from. */
  readonly base: CibVersion;
  /** The version it leads to where nothing has happened in between. */
  readonly next: CibVersion;
}

/**
 * The difference between two states of a working copy. The version counters of `after` do not count: the cluster
 * sets them, so a patch never touches the root element because of them.
 */
export function createPatch(before: Element, after: Element): Patch {
  const base = readVersion(before);
  const target = after.clone();
  for (const name of ['admin_epoch', 'epoch', 'num_updates']) target.set(name, before.get(name));
  const diff = differences(before, target);
  if (!diff) return { patch: undefined, base, next: base };
  const next = changesConfiguration(diff) ? afterConfigurationChange(base) : afterStatusChange(base);
  const written = diff.at('version', 'target');
  if (written) writeVersion(written, next);
  return { patch: writeXml(diff, { indent: false }), base, next };
}

/** Sends the difference between two states of a working copy, where there is one; the version that it led to. */
export async function commitChange(
  before: Element,
  after: Element,
  options: { readonly force?: boolean; readonly command?: string },
  send: (params: Params<'cib.patch'>) => Promise<Outcome<CibVersion>>,
): Promise<Outcome<CibVersion>> {
  const { patch, base } = createPatch(before, after);
  return patch === undefined ? { ok: true, value: base } : send({ patch, base, ...options });
}
