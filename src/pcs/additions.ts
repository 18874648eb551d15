import { error, type Finding } from './refusal.js';
import { plural, quotedList } from './words.js';

/** What is to be added to and removed from a group, a tag, a property set; with pcs's words for what is wrong. */
export interface Additions {
  /** `group`, `tag`, `property set`, `stonith resource`. */
  readonly container: string;
  readonly id: string;
  /** `resource`, `reference`, `property`, `device`. */
  readonly item: string;
  readonly add: readonly string[];
  readonly remove: readonly string[];
  readonly present: readonly string[];
  /** The item beside which the new ones are put. */
  readonly beside?: string | null;
  /** Errors that `--force` turns into warnings, where it is allowed to. */
  readonly forced?: boolean;
  /** Whether nothing may be left. Default true. */
  readonly mayBeEmpty?: boolean;
}

function duplicates(items: readonly string[]): string[] {
  return items.filter((item, index) => items.indexOf(item) !== index);
}

export function checkAdditions(change: Additions): Finding[] {
  const { container, id, item, add, remove, present } = change;
  const items = plural(2, item);
  const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);
  const findings: Finding[] = [];
  const forceable = (text: string): Finding =>
    change.forced === undefined
      ? error(text)
      : change.forced
        ? { severity: 'warning', text }
        : { severity: 'error', text, force: '--force' };
  if (add.length === 0 && remove.length === 0) {
    findings.push(forceable(`Cannot modify ${container} '${id}', no ${items} to add or remove specified`));
  }
  const twice = [...new Set([...duplicates(add), ...duplicates(remove)])];
  if (twice.length > 0) {
    findings.push(
      forceable(
        `${capital(items)} to add or remove must be unique, duplicate ${items}: ${quotedList(twice)}`,
      ),
    );
  }
  const already = [...new Set(add)].filter((each) => present.includes(each));
  if (change.beside == null && already.length > 0) {
    findings.push(
      error(
        `Cannot add ${plural(already, item)} ${quotedList(already)}, ${plural(already, 'it')} ${plural(already, 'is')} already present in ${container} '${id}'`,
      ),
    );
  }
  const missing = [...new Set(remove)].filter((each) => !present.includes(each));
  if (missing.length > 0) {
    findings.push(
      forceable(
        `Cannot remove ${plural(missing, item)} ${quotedList(missing)}, ${plural(missing, 'it')} ${plural(missing, 'is')} not present in ${container} '${id}'`,
      ),
    );
  }
  const both = [...new Set(add)].filter((each) => remove.includes(each));
  if (both.length > 0) {
    findings.push(
      error(
        `${capital(plural(both, item))} cannot be added and removed at the same time: ${quotedList(both)}`,
      ),
    );
  }
  if (change.mayBeEmpty === false && add.length === 0 && present.every((each) => remove.includes(each))) {
    findings.push(error(`Cannot remove all ${items} from ${container} '${id}'`));
  }
  if (change.beside != null && change.beside !== '')
    findings.push(...checkBeside(change, change.beside, items));
  return findings;
}

function checkBeside(change: Additions, beside: string, items: string): Finding[] {
  const { container, id, item, add, present } = change;
  const findings: Finding[] = [];
  if (!present.includes(beside)) {
    findings.push(
      error(`There is no ${item} '${beside}' in the ${container} '${id}', cannot add ${items} next to it`),
    );
  }
  if (add.includes(beside)) findings.push(error(`Cannot put ${item} '${beside}' next to itself`));
  if (add.length === 0) {
    findings.push(error(`Cannot specify adjacent ${item} '${beside}' without ${items} to add`));
  }
  return findings;
}
