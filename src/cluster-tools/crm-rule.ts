import { type CivilTime, fromEpoch } from '../cib/civil-time.js';
import type { Element } from '../cib/element.js';
import { parseDateTime } from '../cib/iso8601.js';
import { judgeDate } from '../cib/rule.js';
import { EXIT } from '../command-line/exit-codes.js';
import type { OptionTable } from '../command-line/options.js';
import { element } from '../command-line/output.js';
import { exitOf, type ResultName, resultText } from '../command-line/result-codes.js';
import { type Report, type Surroundings, ToolFailure, toolWith } from '../command-line/tool.js';
import { openCib, readXmlText } from './access.js';

const table: OptionTable = {
  name: 'crm_rule',
  summary: 'judge rules of the configuration',
  formats: ['xml'],
  groups: [
    {
      name: 'modes',
      title: 'Modes (mutually exclusive):',
      help: 'Show modes of operation',
      options: [{ long: 'check', short: 'c', help: 'See whether a rule is in effect' }],
    },
    {
      name: 'data',
      title: 'Data:',
      help: 'Show data options',
      options: [
        { long: 'xml-text', short: 'X', value: 'XML', help: "Take the CIB from this text ('-': stdin)" },
      ],
    },
    {
      name: 'additional',
      title: 'Additional Options:',
      help: 'Show additional options',
      options: [
        { long: 'date', short: 'd', value: 'DATE', help: 'Judge it at this time, not now' },
        { long: 'rule', short: 'r', value: 'ID', help: 'The rule to check (may be given several times)' },
      ],
    },
  ],
};

interface Verdict {
  readonly result: ResultName;
  readonly error?: string;
}

/** Judges a rule of the constraints that consists of one date expression of a simple kind. */
function check(constraints: Element | undefined, id: string, now: CivilTime): Verdict {
  const all = constraints ? [...constraints.descendants()] : [];
  const rules = all.filter((candidate) => candidate.name === 'rule' && candidate.get('id') === id);
  if (rules.length === 0) return { result: 'ENXIO', error: 'Rule not found' };
  if (rules.length > 1) {
    return { result: 'duplicate_id', error: 'Found more than one rule with matching ID' };
  }
  const dates = [...rules[0]!.descendants()].filter(({ name }) => name === 'date_expression');
  if (dates.length === 0) return { result: 'EOPNOTSUPP', error: 'Rule does not have a date expression' };
  if (dates.length > 1) {
    return { result: 'EOPNOTSUPP', error: 'Rule has more than one date expression' };
  }
  const [date] = dates;
  const operation = date!.get('operation');
  const specifications = date!.elements('date_spec');
  const simple =
    operation === 'date_spec'
      ? specifications.some((specification) => specification.get('years') !== undefined) &&
        specifications.every((specification) => specification.get('moon') === undefined)
      : operation !== undefined;
  if (!simple) {
    return {
      result: 'EOPNOTSUPP',
      error: 'Rule must either not use date_spec, or use date_spec with years= but not moon=',
    };
  }
  switch (judgeDate(date!, { now })) {
    case 'within':
      return { result: 'within_range' };
    case 'before':
      return { result: 'before_range' };
    case 'after':
      return { result: 'after_range' };
    case 'satisfied':
      return { result: 'ok' };
    case 'undetermined':
      return { result: 'undetermined', error: 'Error parsing rule' };
  }
}

function tell(report: Report, id: string, { result, error }: Verdict): void {
  report.xml(element('rule-check', { 'rule-id': id, rc: exitOf(result) }));
  if (result === 'within_range') report.info(`Rule ${id} is still in effect`);
  else if (result === 'ok') report.info(`Rule ${id} satisfies conditions`);
  else if (result === 'after_range') report.info(`Rule ${id} is expired`);
  else if (result === 'before_range') report.info(`Rule ${id} has not yet taken effect`);
  else if (result === 'op_unsatisfied') report.info(`Rule ${id} does not satisfy conditions`);
  else report.error(`Could not determine whether rule ${id} is in effect: ${error ?? 'unexpected error'}`);
}

async function document(
  text: string | undefined,
  report: Report,
  surroundings: Surroundings,
): Promise<Element> {
  if (text !== undefined) {
    const source = text === '-' ? surroundings.readInput() : text;
    const cib = readXmlText(source, 'input', surroundings);
    if (cib) return cib;
    throw new ToolFailure(
      EXIT.DATAERR,
      text === '-' ? "Couldn't parse input from STDIN\n" : `Couldn't parse input string: ${text}\n`,
    );
  }
  const opened = await openCib(surroundings);
  const read = opened.ok ? await opened.value.read() : undefined;
  if (opened.ok) await opened.value.close();
  if (read?.ok) return read.value;
  const failure =
    opened.ok || opened.failure === 'ENXIO' || opened.failure === 'schema_validation'
      ? 'no_input'
      : opened.failure;
  report.error(`CIB query failed: ${resultText(failure)}`);
  throw new ToolFailure(exitOf(failure));
}

/** Works as `crm_rule` of Pacemaker 2.1.5 does. */
export const crmRule = toolWith(table, async (given, report, surroundings) => {
  if (!given.has('check')) throw new ToolFailure(EXIT.USAGE, 'No mode operation given');
  const ids = given.values('rule');
  if (ids.length === 0) throw new ToolFailure(EXIT.USAGE, '--check requires use of --rule=');
  const present = fromEpoch(Math.floor(surroundings.nowMs / 1000), surroundings.zoneOffset);
  const dateText = given.value('date');
  const date = dateText === undefined ? undefined : parseDateTime(dateText, present);
  if (date && !date.ok) throw new ToolFailure(EXIT.DATAERR, `Invalid date specified: '${dateText}'`);
  const cib = await document(given.value('xml-text'), report, surroundings);
  let exit = EXIT.OK;
  for (const id of ids) {
    const verdict = check(cib.at('configuration', 'constraints'), id, date ? date.value : present);
    tell(report, id, verdict);
    if (verdict.result !== 'ok') exit = exitOf(verdict.result);
  }
  return exit;
});
