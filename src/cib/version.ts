import type { Element } from './element.js';
import { scanInteger } from './number.js';

/** Feature set of Pacemaker 2.1.5, whose behaviour this project follows (`crm_feature_set`). */
export const FEATURE_SET = '3.16.1';

/** The newest schema that is understood, and that a new CIB is made with. */
export const LATEST_SCHEMA = 'pacemaker-3.9';

/** `admin_epoch.epoch.num_updates` of the CIB's root element, most significant first. */
export interface CibVersion {
  readonly adminEpoch: number;
  readonly epoch: number;
  readonly numUpdates: number;
}

function counter(cib: Element, name: string): number {
  const text = cib.get(name) ?? '';
  // The common case, read often.
  if (/^\d{1,15}$/.test(text)) return Number(text);
  const value = Number(scanInteger(text)?.value ?? 0n);
  return Math.max(value, 0);
}

/** Absent, unreadable and negative counters count as 0. */
export function readVersion(cib: Element): CibVersion {
  return {
    adminEpoch: counter(cib, 'admin_epoch'),
    epoch: counter(cib, 'epoch'),
    numUpdates: counter(cib, 'num_updates'),
  };
}

export function writeVersion(cib: Element, version: CibVersion): void {
  cib.set('admin_epoch', String(version.adminEpoch));
  cib.set('epoch', String(version.epoch));
  cib.set('num_updates', String(version.numUpdates));
}

/** Negative where `a` is older than `b`, 0 where they are the same. */
export function compareCibVersions(a: CibVersion, b: CibVersion): number {
  return a.adminEpoch - b.adminEpoch || a.epoch - b.epoch || a.numUpdates - b.numUpdates;
}

/** `admin_epoch.epoch.num_updates`, as Pacemaker's logs write it. */
export function formatCibVersion(version: CibVersion): string {
  return `${version.adminEpoch}.${version.epoch}.${version.numUpdates}`;
}

/** The version after a change of the configuration section. */
export function afterConfigurationChange(version: CibVersion): CibVersion {
  return { adminEpoch: version.adminEpoch, epoch: version.epoch + 1, numUpdates: 0 };
}

/** The version after a change of the status section alone. */
export function afterStatusChange(version: CibVersion): CibVersion {
  return { ...version, numUpdates: version.numUpdates + 1 };
}

/**
 * Compares dotted versions number by number ("3.0.10" is newer than "3.0.9"); a missing part is older than any,
 * a part without digits counts as 0. An absent version is older than any other.
 */
export function compareVersions(a: string | undefined, b: string | undefined): number {
  if (a === undefined || b === undefined) return Number(a !== undefined) - Number(b !== undefined);
  const parts = (text: string) =>
    text
      .replace(/\.$/, '')
      .split('.')
      .map((part) => Number(scanInteger(part)?.value ?? 0n));
  const left = parts(a);
  const right = parts(b);
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const x = left[i] ?? -1;
    const y = right[i] ?? -1;
    if (x !== y) return x < y ? -1 : 1;
  }
  return 0;
}
