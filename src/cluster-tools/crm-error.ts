import { EXIT, EXIT_STATUSES, exitStatus } from '../command-line/exit-codes.js';
import type { OptionTable } from '../command-line/options.js';
import { element } from '../command-line/output.js';
import {
  LEGACY_CODES,
  legacyCode,
  RESULT_CODES,
  type ResultCode,
  resultCode,
} from '../command-line/result-codes.js';
import { toolWith } from '../command-line/tool.js';

const table: OptionTable = {
  name: 'crm_error',
  summary: 'crm_error - say what a result of a cluster tool or function means',
  operands: '[-- <rc> [<rc>...]]',
  formats: ['xml'],
  groups: [],
  options: [
    { long: 'name', short: 'n', help: "Show the error's name as well" },
    { long: 'list', short: 'l', help: 'Show all that are known (default where none is named)' },
    { long: 'exit', short: 'X', help: 'The numbers are exit statuses' },
    { long: 'rc', short: 'r', help: 'The numbers are return codes of the present kind' },
  ],
};

/** Longest number and longest name in the list, so that columns stand below each other. */
const NUMBER_WIDTH = 5;
const NAME_WIDTH = 26;

/** A number at the start of a word, or the least there is. */
function numberOf(word: string): number {
  const match = /^\s*[+-]?[0-9]+/.exec(word);
  return match ? Number(match[0]) : -2147483648;
}

export const crmError = toolWith(table, (given, report) => {
  const kind = given.occurrences.findLast(({ option }) => option === 'exit' || option === 'rc')?.option;
  const named = given.has('name');
  const show = (result: ResultCode, withCode: boolean) => {
    const name = named ? result.name : undefined;
    report.xml(element('result-code', { code: result.code, name, description: result.description }));
    if (!withCode) {
      report.line(named ? `${result.name} - ${result.description}` : result.description);
      return;
    }
    const code = String(result.code).padStart(NUMBER_WIDTH);
    report.line(
      named
        ? `${code}: ${result.name.padEnd(NAME_WIDTH)}  ${result.description}`
        : `${code}: ${result.description}`,
    );
  };
  if (given.has('list') || given.operands.length === 0) {
    const all = kind === 'exit' ? EXIT_STATUSES : kind === 'rc' ? RESULT_CODES : LEGACY_CODES;
    for (const result of all) show(result, true);
    return EXIT.OK;
  }
  for (const word of given.operands) {
    const code = numberOf(word);
    const result = kind === 'exit' ? exitStatus(code) : kind === 'rc' ? resultCode(code) : legacyCode(code);
    show({ ...result, code }, given.has('verbose'));
  }
  return EXIT.OK;
});
