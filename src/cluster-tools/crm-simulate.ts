import { readdirSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Element } from '../cib/element.js';
import { acceptSchema, checkValidity } from '../cib/validity.js';
import { writeXml } from '../cib/xml.js';
import { EXIT } from '../command-line/exit-codes.js';
import type { Arguments, OptionTable } from '../command-line/options.js';
import { element, type OutputElement } from '../command-line/output.js';
import { exitOf, type ResultName, resultText } from '../command-line/result-codes.js';
import { type Report, type Surroundings, ToolFailure, toolWith } from '../command-line/tool.js';
import { schedule } from '../scheduler/index.js';
import type { Injections } from '../simulation/injections.js';
import { simulationJson } from '../simulation/json.js';
import { type SimulateOptions, simulate } from '../simulation/simulate.js';
import { openCib, readXmlFile, readXmlText } from './access.js';
import { treeOutput } from './tree-output.js';

const table: OptionTable = {
  name: 'crm_simulate',
  summary: 'Tell what the cluster would do about a situation',
  groups: [
    {
      name: 'operations',
      title: 'Operations:',
      help: 'Show operations options',
      options: [
        { long: 'run', short: 'R', help: 'Show what the cluster would do' },
        { long: 'simulate', short: 'S', help: 'Like --run, and show what would come of it' },
        { long: 'in-place', short: 'X', help: 'Like --simulate, and write the outcome to the input file' },
        { long: 'show-attrs', short: 'A', help: 'Show node attributes' },
        { long: 'show-failcounts', short: 'c', help: 'Show how often resources have failed' },
        { long: 'show-scores', short: 's', help: 'Show the scores that resources were placed by' },
        { long: 'show-utilization', short: 'U', help: 'Show capacities and what takes them' },
        {
          long: 'profile',
          short: 'P',
          value: 'DIR',
          help: 'Time the decisions about all XML files in a folder',
        },
        { long: 'repeat', short: 'N', value: 'N', help: 'With --profile, decide N times' },
        { long: 'pending', short: 'j', hidden: true, help: 'Show operations in flight (always done)' },
        { long: 'json', help: 'Write one JSON document: status, scores, actions and what comes of them' },
      ],
    },
    {
      name: 'synthetic',
      title: 'Synthetic Cluster Events:',
      help: 'Show synthetic cluster event options',
      options: [
        { long: 'node-up', short: 'u', value: 'NODE', help: 'Bring a node online' },
        { long: 'node-down', short: 'd', value: 'NODE', help: 'Take a node offline' },
        { long: 'node-fail', short: 'f', value: 'NODE', help: 'Let a node fail' },
        { long: 'op-inject', short: 'i', value: 'OPSPEC', help: 'Let an operation have failed before' },
        {
          long: 'op-fail',
          short: 'F',
          value: 'OPSPEC',
          help: 'Let an operation fail that happens in the simulation, which mostly stops there',
        },
        { long: 'set-datetime', short: 't', value: 'DATETIME', help: 'Judge by this time (ISO 8601)' },
        { long: 'quorum', short: 'q', value: 'QUORUM', help: 'Whether the cluster has quorum (1 or true)' },
        { long: 'watchdog', short: 'w', value: 'DEVICE', help: 'Whether there is a watchdog (1 or true)' },
        { long: 'ticket-grant', short: 'g', value: 'TICKET', help: 'Grant a ticket' },
        { long: 'ticket-revoke', short: 'r', value: 'TICKET', help: 'Revoke a ticket' },
        { long: 'ticket-standby', short: 'b', value: 'TICKET', help: 'Put a ticket on standby' },
        { long: 'ticket-activate', short: 'e', value: 'TICKET', help: 'Activate a ticket' },
      ],
    },
    {
      name: 'artifact',
      title: 'Artifact Options:',
      help: 'Show artifact options',
      options: [
        { long: 'save-input', short: 'I', value: 'FILE', help: 'Write the CIB as it was judged' },
        { long: 'save-output', short: 'O', value: 'FILE', help: 'Write the CIB as it is in the end' },
        { long: 'save-graph', short: 'G', value: 'FILE', help: 'Write the transition graph (XML)' },
        { long: 'save-dotfile', short: 'D', value: 'FILE', help: 'Write the transition graph (DOT)' },
        { long: 'all-actions', short: 'a', help: 'In DOT, also what is not to happen' },
      ],
    },
    {
      name: 'source',
      title: 'Data Source:',
      help: 'Show data source options',
      options: [
        { long: 'live-check', short: 'L', help: 'Take the CIB that the running cluster uses' },
        { long: 'xml-file', short: 'x', value: 'FILE', help: 'Take the CIB from a file' },
        { long: 'xml-pipe', short: 'p', help: 'Take the CIB from standard input' },
      ],
    },
  ],
  options: [{ long: 'quiet', short: 'Q', help: 'Show only what is essential' }],
  formats: ['xml'],
  unknownFormatExit: exitOf('unknown_format'),
  description: `Operation specification:

An OPSPEC is RESOURCE_TASK_INTERVAL@NODE=RC, the interval in milliseconds and RC
an OCF return code: memcached_monitor_20000@bart.example.com=7

Examples:

What if a monitor found memcached stopped on fred, and its stop then failed:

  crm_simulate -LS --op-inject memcached:0_monitor_20000@fred=7 \\
    --op-fail memcached:0_stop_0@fred=1 --save-output /tmp/memcached.xml

And what would the cluster do about that:

  crm_simulate -S --xml-file /tmp/memcached.xml`,
};

/** Where the CIB comes from: a file's name, `-` for standard input, undefined for the running cluster. */
function sourceOf(given: Arguments): { file: string | undefined; sanitized: boolean } {
  let file: string | undefined = '-';
  let sanitized = true;
  for (const { option, value } of given.occurrences) {
    if (option === 'live-check') [file, sanitized] = [undefined, false];
    else if (option === 'xml-file') [file, sanitized] = [value, true];
    else if (option === 'xml-pipe') [file, sanitized] = ['-', true];
  }
  return { file, sanitized };
}

async function readLive(surroundings: Surroundings): Promise<Element> {
  const opened = await openCib(surroundings);
  const read = opened.ok ? await opened.value.read() : opened;
  if (opened.ok) await opened.value.close();
  if (read.ok) return read.value.clone();
  throw new ToolFailure(exitOf(read.failure), `CIB query failed: ${resultText(read.failure)}`);
}

/** Makes what was read usable: a status, the schema that the scheduler reads, valid. */
function accept(read: Element | undefined, source: string, surroundings: Surroundings): Element {
  const fail = (failure: ResultName, message = '') => new ToolFailure(exitOf(failure), message);
  if (!read) throw new ToolFailure(EXIT.NOINPUT, `Could not read a CIB from ${source}`);
  if (read.name !== 'cib')
    throw fail('schema_validation', `${source} is no CIB: it begins with <${read.name}>`);
  read.ensure('status');
  const acceptance = acceptSchema(read);
  if (acceptance.warning !== undefined) surroundings.err(`${acceptance.warning}\n`);
  if (!acceptance.cib) throw new ToolFailure(exitOf('transform_failed'), acceptance.error, false);
  const validity = checkValidity(acceptance.cib);
  if (validity.valid) return acceptance.cib;
  for (const { element, message, position } of validity.complaints) {
    surroundings.err(`${source}:${position?.line ?? 0}: element ${element.name}: ${message}\n`);
  }
  throw fail('schema_validation');
}

async function readInput(file: string | undefined, surroundings: Surroundings): Promise<Element> {
  if (file === undefined) return accept(await readLive(surroundings), 'the cluster', surroundings);
  if (file === '-') {
    return accept(
      readXmlText(surroundings.readInput(), 'stdin', surroundings),
      'standard input',
      surroundings,
    );
  }
  return accept(readXmlFile(file, surroundings), file, surroundings);
}

function injectionsOf(given: Arguments): Injections {
  const one = (key: 'quorum' | 'watchdog') => {
    const value = given.value(key);
    return value === undefined ? {} : { [key]: value };
  };
  return {
    ...one('quorum'),
    ...one('watchdog'),
    nodesUp: given.values('node-up'),
    nodesDown: given.values('node-down'),
    nodesFailed: given.values('node-fail'),
    operations: given.values('op-inject'),
    ticketsGranted: given.values('ticket-grant'),
    ticketsRevoked: given.values('ticket-revoke'),
    ticketsStandby: given.values('ticket-standby'),
    ticketsActive: given.values('ticket-activate'),
  };
}

function write(name: string, text: string, surroundings: Surroundings, failure: ResultName): void {
  try {
    writeFileSync(resolve(surroundings.folder, name), text);
  } catch (error) {
    throw new ToolFailure(exitOf(failure), `Could not create '${name}': ${(error as Error).message}`);
  }
}

/** Times the decisions about every CIB in a folder, the last name first. */
async function profile(
  folder: string,
  given: Arguments,
  report: Report,
  surroundings: Surroundings,
): Promise<void> {
  const timings: OutputElement[] = [];
  const repeat = Number(given.value('repeat') ?? '1');
  const names = readdirSync(resolve(surroundings.folder, folder)).sort();
  for (const name of names.reverse()) {
    const path = join(folder, name);
    if (name.startsWith('.') || !name.endsWith('.xml')) continue;
    if (!statSync(resolve(surroundings.folder, path)).isFile()) continue;
    const before = process.cpuUsage();
    const cib = await readInput(path, surroundings);
    for (let i = 0; i < repeat; i++) {
      schedule(cib, { nowMs: surroundings.nowMs, utcOffsetSec: surroundings.zoneOffset });
    }
    const { user, system } = process.cpuUsage(before);
    const seconds = (user + system) / 1e6;
    report.line(`* Testing ${path} ... ${seconds.toFixed(2)} secs`);
    timings.push(element('timing', { file: path, duration: seconds.toFixed(6) }));
  }
  report.xml(element('timings', {}, timings));
}

/** Works as `crm_simulate` of Pacemaker 2.1.5 does. */
export const crmSimulate = toolWith(table, async (given, report, surroundings) => {
  const folder = given.value('profile');
  if (folder !== undefined) {
    await profile(folder, given, report, surroundings);
    return EXIT.OK;
  }
  const has = (...names: string[]) => names.some((name) => given.has(name));
  const { file, sanitized } = sourceOf(given);
  const cib = await readInput(file, surroundings);
  const date = given.value('set-datetime');
  const options: SimulateOptions = {
    nowMs: surroundings.nowMs,
    utcOffsetSec: surroundings.zoneOffset,
    ...(date === undefined ? {} : { date }),
    run: has('run', 'save-graph', 'save-dotfile', 'json'),
    simulate: has('simulate', 'in-place', 'op-inject', 'op-fail'),
    showScores: has('show-scores'),
    showUtilization: has('show-utilization'),
    showAttributes: has('show-attrs'),
    showFailCounts: has('show-failcounts'),
    quiet: has('quiet'),
    sanitized,
    injections: injectionsOf(given),
    failures: given.values('op-fail'),
    allActions: has('all-actions'),
    verbose: has('verbose'),
  };
  const result = simulate(cib, options);
  if (report.isXml) {
    const { simulationElements } = await import('../simulation/xml.js');
    report.xml(...simulationElements(result, options).map(treeOutput));
  } else if (has('json')) report.raw(`${JSON.stringify(simulationJson(result), undefined, 2)}\n`);
  else report.raw(result.text);
  for (const complaint of result.complaints) report.error(complaint);
  const save = (option: string, text: () => string | undefined, failure: ResultName) => {
    const name = given.value(option);
    const content = name === undefined ? undefined : text();
    if (name !== undefined && content !== undefined) write(name, content, surroundings, failure);
  };
  save('save-input', () => writeXml(result.input), 'EIO');
  save('save-graph', () => writeXml(result.graph()!), 'graph_error');
  save('save-dotfile', () => result.dot(), 'dot_error');
  const output = has('in-place') ? file : given.value('save-output');
  if (output !== undefined) write(output, writeXml(result.output), surroundings, 'EIO');
  return result.invalid ? exitOf('invalid_transition') : EXIT.OK;
});

/**
 * Runs many simulations in one process: every line of standard input is a JSON array of arguments, and is answered
 * with a line `{"rc", "stdout", "stderr"}`.
 */
export async function crmSimulateBatch(
  lines: AsyncIterable<string>,
  surroundings: Surroundings,
): Promise<number> {
  for await (const line of lines) {
    if (line.trim() === '') continue;
    let stdout = '';
    let stderr = '';
    let rc: number;
    try {
      rc = await crmSimulate({
        ...surroundings,
        words: JSON.parse(line) as string[],
        zoneOffset: surroundings.zoneOffset,
        out: (text) => {
          stdout += text;
        },
        err: (text) => {
          stderr += text;
        },
      });
    } catch (error) {
      rc = EXIT.SOFTWARE;
      stderr += `${(error as Error).stack}\n`;
    }
    surroundings.out(`${JSON.stringify({ rc, stdout, stderr })}\n`);
  }
  return EXIT.OK;
}
