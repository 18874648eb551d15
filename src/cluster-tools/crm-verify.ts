import type { Element } from '../cib/element.js';
import { acceptSchema, checkValidity, remarkLine } from '../cib/validity.js';
import { writeXml } from '../cib/xml.js';
import { EXIT } from '../command-line/exit-codes.js';
import type { Arguments, OptionTable } from '../command-line/options.js';
import { exitOf, resultText } from '../command-line/result-codes.js';
import { type Surroundings, ToolFailure, toolWith } from '../command-line/tool.js';
import { openCib, readXmlFile, readXmlText } from './access.js';

const table: OptionTable = {
  name: 'crm_verify',
  summary: `Check a cluster configuration for errors

The text must be XML, obey its schema, and make sense to the cluster. What is
reported as an error must be repaired before the cluster can use it; whether
warnings are acted on is for the administrator to decide.`,
  formats: ['xml'],
  groups: [
    {
      name: 'data',
      title: 'Data sources:',
      help: 'Show data options',
      options: [
        { long: 'live-check', short: 'L', help: 'Check what the running cluster uses' },
        { long: 'xml-file', short: 'x', value: 'FILE', help: 'Check this file' },
        { long: 'xml-pipe', short: 'p', help: 'Check what comes on standard input' },
        { long: 'xml-text', short: 'X', value: 'XML', help: 'Check this text' },
      ],
    },
    {
      name: 'additional',
      title: 'Additional options:',
      help: 'Show additional options',
      options: [
        { long: 'save-xml', short: 'S', value: 'FILE', help: 'Write what was checked to this file' },
        {
          long: 'advice',
          value: 'FORM',
          optional: true,
          help: 'Look for mistakes that only experience shows, too (text or json)',
          check: (value) =>
            value === 'text' || value === 'json' ? undefined : `Unknown form of advice: ${value}`,
        },
        { long: 'silence', value: 'CODE', help: 'With --advice: leave out findings of this code' },
      ],
    },
  ],
  description: `Examples:

  crm_verify --live-check
  crm_verify --xml-file file.xml --verbose`,
};

async function source(given: Arguments, surroundings: Surroundings): Promise<Element> {
  const missing = (message: string) => new ToolFailure(EXIT.ERROR, message);
  if (given.has('live-check')) {
    const opened = await openCib(surroundings);
    const read = opened.ok ? await opened.value.read() : opened;
    if (opened.ok) await opened.value.close();
    if (read.ok) return read.value;
    const unreadable = ['ENXIO', 'schema_validation'].includes(read.failure);
    const failure = unreadable ? 'no_input' : read.failure;
    throw new ToolFailure(exitOf(failure), `CIB query failed: ${resultText(failure)}`);
  }
  const file = given.value('xml-file');
  if (file !== undefined) {
    const cib = readXmlFile(file, surroundings, true);
    if (cib) return cib;
    throw missing(`Couldn't parse input file: ${file}`);
  }
  const text = given.value('xml-text');
  if (text !== undefined) {
    const cib = readXmlText(text, 'Entity', surroundings, true);
    if (cib) return cib;
    throw missing(`Couldn't parse input string: ${text}`);
  }
  if (given.has('xml-pipe')) {
    const cib = readXmlText(surroundings.readInput(), 'Entity', surroundings, true);
    if (cib) return cib;
    throw missing("Couldn't parse input from STDIN.");
  }
  throw missing('No configuration source specified.  Use --help for usage information.');
}

/** Works as `crm_verify` of Pacemaker 2.1.5 does, and explains more. */
export const crmVerify = toolWith(table, async (given, report, surroundings) => {
  const { err } = surroundings;
  const cib = await source(given, surroundings);
  if (cib.name.toLowerCase() !== 'cib') {
    throw new ToolFailure(
      exitOf('EBADMSG'),
      'This tool can only check complete configurations (i.e. those starting with <cib>).',
    );
  }
  const save = given.value('save-xml');
  if (save !== undefined) {
    const { writeFileSync } = await import('node:fs');
    writeFileSync(save, writeXml(cib));
  }
  const hadStatus = cib.first('status') !== undefined;
  const name = given.value('xml-file') ?? 'Entity';
  const verbosity = given.count('verbose');
  let errors = false;
  let warnings = false;
  let usable: Element | undefined;
  const validity = checkValidity(cib);
  if (!validity.valid) {
    errors = true;
    const place = (line: number | undefined) => (line === undefined ? name : `${name}:${line}`);
    for (const complaint of validity.complaints) {
      err(
        `${place(complaint.position?.line)}: element ${complaint.element.name}: validity error : ${complaint.message}\n`,
      );
    }
    if (verbosity > 0) err('(crm_verify) \terror: CIB did not pass schema validation\n');
  } else {
    const acceptance = acceptSchema(cib);
    for (const remark of acceptance.remarks) err(`${remarkLine(remark)}\n`);
    if (acceptance.warning !== undefined && validity.schema !== undefined) err(`${acceptance.warning}\n`);
    if (acceptance.error !== undefined) {
      errors = true;
      err(`${acceptance.error}\n`);
      report.error(
        'The cluster will NOT be able to use this configuration.\nPlease manually update the configuration to conform to the pacemaker-3.9 syntax.',
      );
    }
    usable = acceptance.cib;
  }
  if (usable) {
    const { checkConfiguration } = await import('./configuration-check.js');
    const found = checkConfiguration(usable, hadStatus || given.has('live-check'), surroundings);
    for (const message of found) {
      if (!message.remark) {
        if (message.severity === 'error') errors = true;
        else warnings = true;
      }
      if (verbosity > (message.severity === 'error' ? 0 : 1)) {
        err(`(crm_verify) \t${message.severity}: ${message.text}\n`);
      }
    }
  }
  if (given.has('advice')) {
    const { showAdvice } = await import('./verify-advice.js');
    await showAdvice(usable ?? cib, given, report, surroundings);
  }
  if (!errors && !warnings) return EXIT.OK;
  const verdict = errors
    ? 'Errors found during check: config not valid'
    : 'Warnings found during check: config may not be valid';
  const hint = verbosity > 0 ? '' : '\n-V may provide more details';
  err(`${surroundings.name}: ${verdict}${hint}\n`);
  return EXIT.CONFIG;
});
