import { createPatch } from '../cib/diff.js';
import { cibDigest } from '../cib/digest.js';
import type { Element } from '../cib/element.js';
import { applyPatch } from '../cib/patch.js';
import { writeXml } from '../cib/xml.js';
import { EXIT } from '../command-line/exit-codes.js';
import type { OptionTable } from '../command-line/options.js';
import { exitOf } from '../command-line/result-codes.js';
import { type Surroundings, ToolFailure, toolWith } from '../command-line/tool.js';
import { readXmlFile, readXmlText } from './access.js';

const table: OptionTable = {
  name: 'crm_diff',
  summary: 'crm_diff - make a patch of two cluster configurations, or apply one',
  groups: [
    {
      name: 'xml',
      title: 'Original XML:',
      help: 'Show original XML options',
      options: [
        { long: 'original', short: 'o', value: 'FILE', help: 'Start from the XML in this file' },
        { long: 'original-string', short: 'O', value: 'STRING', help: 'Start from this XML' },
      ],
    },
    {
      name: 'operation',
      title: 'Operation:',
      help: 'Show operation options',
      options: [
        { long: 'new', short: 'n', value: 'FILE', help: 'Make the patch that leads to the XML in this file' },
        { long: 'new-string', short: 'N', value: 'STRING', help: 'Make the patch that leads to this XML' },
        { long: 'patch', short: 'p', value: 'FILE', help: 'Apply the patch in this file' },
      ],
    },
    {
      name: 'additional',
      title: 'Additional Options:',
      help: 'Show additional options',
      options: [
        { long: 'cib', short: 'c', help: 'The XML is a CIB: mind its versions and digest' },
        { long: 'stdin', short: 's', help: 'Read what has no file from standard input' },
        { long: 'no-version', short: 'u', help: 'Leave the versions out of the patch' },
      ],
    },
  ],
  description: `Examples:

  crm_diff --original old.xml --new new.xml > patch.xml
  crm_diff --original old.xml --patch patch.xml > updated.xml`,
};

const VERSION = ['admin_epoch', 'epoch', 'num_updates'];

function source(
  surroundings: Surroundings,
  file: string | undefined,
  text: string | undefined,
  stdin: boolean,
  which: string,
): Element {
  let read: Element | undefined;
  if (text !== undefined) read = readXmlText(text, 'Entity', surroundings, true);
  else if (file === '-' || (file === undefined && stdin)) {
    read = readXmlText(surroundings.readInput(), 'Entity', surroundings, true);
  } else if (file !== undefined) read = readXmlFile(file, surroundings, true);
  if (!read) throw new ToolFailure(EXIT.DATAERR, `Could not parse the ${which} XML fragment`, false);
  return read;
}

/** Works as `crm_diff` of Pacemaker 2.1.5 does: exit status 1 says that there is a difference. */
export const crmDiff = toolWith(table, (given, report, surroundings) => {
  const asCib = given.has('cib');
  const noVersion = given.has('no-version');
  const stdin = given.has('stdin');
  const last = given.occurrences.findLast(({ option }) => ['new', 'new-string', 'patch'].includes(option));
  const apply = last?.option === 'patch';
  if (apply && noVersion) surroundings.err('warning: -u/--no-version ignored with -p/--patch\n');
  else if (asCib && noVersion) {
    throw new ToolFailure(EXIT.USAGE, 'error: -u/--no-version incompatible with -c/--cib', false);
  }
  const original = source(
    surroundings,
    given.value('original'),
    given.value('original-string'),
    stdin,
    'first',
  );
  const newText = last?.option === 'new-string' ? last.value : undefined;
  const newFile = last && last.option !== 'new-string' ? last.value : undefined;
  const changed = source(surroundings, newFile, newText, stdin, 'second');
  if (apply) {
    const outcome = applyPatch(original, changed, {
      checkVersion: asCib,
      strictDelete: false,
      checkDigest: false,
    });
    if (!outcome.ok) {
      const why = {
        'old-data': 'old_data',
        resync: 'diff_resync',
        mismatch: 'diff_failed',
        digest: 'diff_failed',
      } as const;
      throw new ToolFailure(exitOf(why[outcome.failure]), `Could not apply patch: ${outcome.message}`);
    }
    report.raw(writeXml(original));
    return EXIT.OK;
  }
  if (noVersion) for (const name of VERSION) changed.set(name, original.get(name));
  // Theirs finds nothing to say of documents with different roots, nor of children that have no ids.
  if (original.name !== changed.name || original.id !== changed.id) return EXIT.OK;
  let made: Element | undefined;
  try {
    made = createPatch(original, changed, { attributeOrder: !asCib });
  } catch (error) {
    throw new ToolFailure(EXIT.DATAERR, (error as Error).message);
  }
  if (!made) return EXIT.OK;
  const version = made.first('version');
  if (noVersion && version) made.remove(version);
  if (asCib) made.set('digest', cibDigest(changed, changed.get('crm_feature_set')));
  report.raw(writeXml(made));
  return EXIT.ERROR;
});
