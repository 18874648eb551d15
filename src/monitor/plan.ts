import { Element } from '../cib/element.js';
import type { Connection, Outcome } from '../connection/connection.js';
import type { OpenOptions, Prompt } from '../connection/open.js';
import type { Location } from '../scheduler/planner.js';
import type { ClusterStatus } from '../status/types.js';
import { unpackStatus } from '../status/unpack.js';
import { type FencingHistory, reduceHistory } from './fencing.js';
import type { HtmlPage } from './html.js';
import type { Options } from './options.js';
import { type Report, reportBlocks, reportElements } from './report.js';
import {
  allSections,
  chooseSections,
  defaultSections,
  FENCING_SECTIONS,
  type Format,
  type Section,
  type SectionChange,
} from './sections.js';
import { simpleStatus } from './summary.js';
import { zonedTime } from './terms.js';
import { writeText } from './text.js';
import { selectNodes, selectResources, type View } from './view.js';

/** The version of Pacemaker that the output follows. */
export const PACEMAKER_VERSION = '2.1.5';

/** What `--version` tells, under the names it has in XML. */
export const VERSION = {
  program: 'Pacemaker',
  version: PACEMAKER_VERSION,
  author: 'Andrew Beekhof and the Pacemaker project contributors',
  build: 'quorate',
  features: 'agent-manpages corosync-ge-2 lha nagios systemd',
} as const;

/** Exit codes of Pacemaker's tools (crm_error(8)). */
export const EXIT = { ok: 0, error: 1, critical: 2, usage: 64, cantCreate: 73, disconnected: 102 } as const;

/** What crm_mon needs of the machine it runs on. */
export interface Surroundings {
  readonly environment: NodeJS.ProcessEnv;
  /** Standard output is a terminal that a full screen can be drawn on. */
  readonly terminal: boolean;
  readonly nowMs: () => number;
  readonly writeOut: (text: string) => void;
  readonly writeError: (text: string) => void;
  /** Replaces a file's content, never half; a returned text says why that failed. */
  readonly writeFile: (path: string, text: string) => Promise<string | undefined>;
  readonly open: (options: OpenOptions) => Promise<Outcome<Connection>>;
  /** Asks for passphrases and passwords; undefined: nobody is there to answer. */
  readonly prompt?: Prompt;
}

/** The options once judged: what to show, and how. */
export interface Plan {
  readonly format: Format;
  readonly sections: ReadonlySet<Section>;
  readonly banPrefix: string | undefined;
  readonly oneShot: boolean;
  /** 0: the fencer is not asked. */
  readonly fenceHistory: Options['fenceHistory'];
}

export function chooseFormat(options: Options): Format {
  if (options.deprecatedFormat) return options.deprecatedFormat;
  switch (options.outputAs?.toLowerCase()) {
    case 'html':
      return 'html';
    case 'text':
      return 'text';
    case 'xml':
      return 'xml';
    case 'json':
      return 'json';
    case 'prometheus':
      return 'prometheus';
    default:
      if (options.oneShot || (!options.daemonize && options.outputTo !== undefined)) return 'text';
      return 'console';
  }
}

const isXml = (format: Format) => format === 'xml' || format === 'legacy-xml';
const isData = (format: Format) => isXml(format) || format === 'json' || format === 'prometheus';

/** Judges options against where the status comes from. A text is a complaint about their use. */
export function makePlan(options: Options, fromFile: boolean, terminal: boolean): Plan | string {
  let format = chooseFormat(options);
  const noOptionForOnce =
    options.outputTo !== undefined && options.outputAs === undefined && !options.deprecatedFormat;
  let oneShot = options.oneShot || (noOptionForOnce && !options.daemonize);
  if (isData(format) && !options.daemonize) oneShot = true;
  // A file does not push its changes: only a person at a terminal gets to see them.
  if (fromFile && !(format === 'console' && terminal && !options.daemonize)) oneShot = true;
  if (format === 'console' && (!terminal || oneShot)) format = 'text';

  // What is written once needs no place that is still there later, even in the background.
  if (options.daemonize && !options.externalAgent && !oneShot) {
    if (options.outputTo === undefined || options.outputTo === '-') {
      return '--daemonize requires at least one of --output-to and --external-agent';
    }
    if (options.outputAs === undefined && !options.deprecatedFormat) {
      return '--daemonize requires --output-as=[html|text|xml]';
    }
  }
  let fenceHistory = options.fenceHistory;
  const own: SectionChange[] = [];
  if (fromFile || options.watchFencing) fenceHistory = 0;
  for (const level of fenceHistory === 1 ? [1] : [1, fenceHistory]) {
    if (level === 0) own.push({ kind: 'exclude', names: 'fencing' });
    else if (level === 1) own.push({ kind: 'include', names: 'fencing-failed,fencing-pending' });
    else own.push({ kind: 'include', names: 'fencing' });
  }
  if (options.quiet) own.push({ kind: 'exclude', names: 'times' });
  const start = isData(format) ? allSections(format) : defaultSections(format);
  const choice = chooseSections(start, [...own, ...options.changes], format);
  if (choice.error !== undefined) return choice.error;
  if (format === 'cgi') {
    if (fromFile) return 'CGI mode used with CIB file';
    if (options.externalAgent !== undefined) return 'CGI mode cannot be used with --external-agent';
    if (options.daemonize) return 'CGI mode cannot be used with -d';
  }
  return { format, sections: choice.sections, banPrefix: choice.banPrefix, oneShot, fenceHistory };
}

export function makeView(status: ClusterStatus, options: Options, plan: Plan): View {
  const everything = isData(plan.format);
  return {
    sections: plan.sections,
    nodes: selectNodes(status, options.onlyNode),
    resources: selectResources(status, options.onlyResource),
    banPrefix: plan.banPrefix,
    byNode: options.byNode,
    inactive: options.inactive || everything,
    brief: options.brief,
    timing: options.timing || everything,
    detail: options.detail,
    pending: true,
  };
}

/** The fencer's history as the options want it; a cluster without fencer has none. */
async function fencingHistory(connection: Connection, plan: Plan): Promise<FencingHistory | undefined> {
  if (plan.fenceHistory === 0) return undefined;
  const answer = await connection.call('fencing.history', {});
  if (!answer.ok) {
    if (answer.error.kind === 'unsupported') return undefined;
    return { unavailable: answer.error.message };
  }
  const full = FENCING_SECTIONS.every((name) => plan.sections.has(name)) || isXml(plan.format);
  const { entries } = answer.value;
  return { entries: full || plan.oneShot ? entries : reduceHistory(entries) };
}

/** Location constraints in force; the scheduler is loaded only where they, or tickets, are shown. */
async function locations(status: ClusterStatus): Promise<readonly Location[]> {
  const { readConstraints } = await import('../scheduler/index.js');
  return readConstraints(status);
}

export async function makeReport(
  cib: Element,
  connection: Connection,
  options: Options,
  plan: Plan,
  surroundings: Surroundings,
): Promise<Report> {
  const status = unpackStatus(cib, { nowMs: surroundings.nowMs() });
  const constrained = plan.sections.has('bans') || plan.sections.has('tickets');
  return {
    status,
    view: makeView(status, options, plan),
    fencing: await fencingHistory(connection, plan),
    locations: constrained ? await locations(status) : [],
  };
}

/** Says in one format what a run has come to. */
export interface Ending {
  readonly code: number;
  readonly report: Report | undefined;
  readonly errors: readonly string[];
}

/** How exit codes are called in XML. */
const CODE_TEXT: Readonly<Record<number, string>> = {
  [EXIT.ok]: 'OK',
  [EXIT.error]: 'Error occurred',
  [EXIT.critical]: 'Invalid parameter',
  [EXIT.usage]: 'Incorrect usage',
  [EXIT.cantCreate]: 'Cannot create output file',
  [EXIT.disconnected]: 'Not connected',
};

/** How a page of HTML is framed. */
export function pageOf(options: Options, format: Format): HtmlPage {
  const toFile = options.outputTo !== undefined && options.outputTo !== '-';
  return {
    title: options.htmlTitle,
    stylesheet: options.htmlStylesheet,
    refreshSec: toFile ? Math.floor(options.intervalMs / 1000) : undefined,
    cgi: options.htmlCgi || format === 'cgi',
  };
}

/** The output in one of the formats; errors that a format has no place for are left to standard error. */
export async function writeReport(
  ending: Ending,
  options: Options,
  format: Format,
  argv: readonly string[],
  connection?: Connection,
): Promise<{ readonly out: string; readonly errors: readonly string[] }> {
  const { report, errors } = ending;
  switch (format) {
    case 'console':
    case 'text':
      return {
        out: report ? health(report, connection) + writeText(reportBlocks(report, 'text')) : '',
        errors,
      };
    case 'simple':
      return { out: report ? `${simpleStatus(report.status).line}\n` : '', errors };
    case 'html':
    case 'cgi': {
      const { writePage } = await import('./html.js');
      const page = pageOf(options, format);
      return { out: writePage(report ? reportBlocks(report, 'html') : [], page, errors), errors: [] };
    }
    case 'xml': {
      const { writeResult } = await import('./xml.js');
      const result = {
        request: requestText(argv),
        code: ending.code,
        message: CODE_TEXT[ending.code] ?? 'Error occurred',
        errors,
      };
      const elements = report ? [...healthElements(report, connection), ...reportElements(report)] : [];
      return { out: writeResult(elements, result), errors: [] };
    }
    case 'legacy-xml': {
      const { writeLegacy } = await import('./xml.js');
      return { out: writeLegacy(report ? reportElements(report) : [], PACEMAKER_VERSION), errors };
    }
    case 'json': {
      const { writeJson } = await import('./json.js');
      return { out: writeJson(report, errors), errors };
    }
    case 'prometheus': {
      const { reportMetrics, writeMetrics } = await import('./prometheus.js');
      const state = await connection?.state();
      const metrics = report ? reportMetrics(report, state?.ok ? state.value : undefined) : [];
      return { out: writeMetrics(metrics), errors };
    }
  }
}

/**
 * What crm_mon says of pacemakerd before the status of a live cluster (lib/pacemaker/pcmk_output.c, pacemakerd-health).
 * The agent is in its place: it answers, so it runs.
 */
function health(report: Report, connection: Connection | undefined): string {
  if (connection?.target.kind !== 'agent') return '';
  return `Status of pacemakerd: 'Pacemaker is running' (last updated ${zonedTime(report.status.nowMs)})\n`;
}

function healthElements(report: Report, connection: Connection | undefined): Element[] {
  if (connection?.target.kind !== 'agent') return [];
  const attributes = {
    sys_from: 'pacemakerd',
    state: 'running',
    last_updated: zonedTime(report.status.nowMs),
  };
  return [new Element('pacemakerd', attributes)];
}

/** The command line as XML output repeats it. */
export function requestText(argv: readonly string[]): string {
  return ['crm_mon', ...argv.map(quoteWord)].join(' ');
}

/** A word of the command line as Pacemaker repeats it: quoted only where it has a blank. */
function quoteWord(word: string): string {
  return word.includes(' ') ? `'${word.replaceAll("'", "\\'")}'` : word;
}

/** A host that is switched off says nothing: whoever watches wants to know in seconds (three times this). */
const KEEPALIVE_MS = 2000;

/** Who can be asked for a password, and what says that nobody waits any more. */
interface Attendance {
  readonly prompt?: Prompt | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Where the options lead. */
export function openOptions(
  options: Options,
  file: string | undefined,
  { prompt, signal }: Attendance = {},
): OpenOptions {
  const engine = options.engine ? { engine: options.engine } : {};
  if (options.hosts.length === 0) return { program: 'crm_mon', file: file ?? null, ...engine };
  return {
    program: 'crm_mon',
    hosts: options.hosts,
    file: null,
    keepaliveMs: KEEPALIVE_MS,
    ...engine,
    ...(prompt ? { prompt } : {}),
    ...(signal ? { signal } : {}),
  };
}
