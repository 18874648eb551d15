import type { Connection, ConnectionError } from '../connection/connection.js';
import { DAEMON_VARIABLE } from './daemon.js';
import { helpText } from './help.js';
import { type Options, parseOptions } from './options.js';
import {
  chooseFormat,
  type Ending,
  EXIT,
  makePlan,
  makeReport,
  openOptions,
  PACEMAKER_VERSION,
  pageOf,
  requestText,
  type Surroundings,
  VERSION,
  writeReport,
} from './plan.js';
import type { Format } from './sections.js';
import { simpleStatus } from './summary.js';

/** The version of Pacemaker whose crm_mon this one is like; scripts ask for it. */
async function versionText(format: Format, options: Options, argv: readonly string[]): Promise<string> {
  switch (format) {
    case 'xml': {
      const { versionElement, writeResult } = await import('./xml.js');
      const result = { request: requestText(argv), code: EXIT.ok, message: 'OK', errors: [] };
      return writeResult([versionElement(VERSION)], result);
    }
    case 'html': {
      const { writeFacts } = await import('./html.js');
      const facts = Object.entries(VERSION).map(
        ([name, value]) => `${name[0]!.toUpperCase()}${name.slice(1)}: ${value}`,
      );
      return writeFacts('Version Information', facts, pageOf(options, format));
    }
    default:
      return `Pacemaker ${PACEMAKER_VERSION}\nWritten by ${VERSION.author}\n`;
  }
}

/** The format as messages name it. */
function formatName(format: Format): string {
  if (format === 'cgi') return 'html';
  return format === 'legacy-xml' ? 'xml' : format === 'html' || format === 'xml' ? format : 'text';
}

/** Where a file cannot be read, Pacemaker's words for it come first: scripts look for them. */
function fileComplaints(error: ConnectionError): string[] {
  if (error.kind === 'unreachable') return ['Could not connect to the CIB: No such device or address'];
  return ['Could not connect to the CIB: Update does not conform to the configured schema', error.message];
}

/** Runs crm_mon; the result is its exit status. */
export async function crmMon(argv: readonly string[], surroundings: Surroundings): Promise<number> {
  const { writeOut, writeError } = surroundings;
  const parsed = parseOptions(argv);
  if ('error' in parsed) {
    writeError(`crm_mon: ${parsed.error}\n`);
    return EXIT.usage;
  }
  const { options } = parsed;
  if (options.help !== undefined) {
    writeOut(helpText(options.help));
    return EXIT.ok;
  }
  // In the form of Pacemaker's own warnings, which scripts know to pass over.
  for (const word of options.ignored)
    writeError(`(crm_mon)\twarning: '${word}' is no option and is ignored\n`);
  const file = options.cibFile ?? surroundings.environment.CIB_file;
  const fromFile = options.hosts.length === 0 && file !== undefined && file !== '';
  const plan = makePlan(options, fromFile, surroundings.terminal);
  const format = typeof plan === 'string' ? chooseFormat(options) : plan.format;
  const finish = async (ending: Ending, connection?: Connection): Promise<number> => {
    const { out, errors } = await writeReport(ending, options, format, argv, connection);
    for (const error of errors) writeError(`${error}\n`);
    const toStandardOutput = options.outputTo === undefined || options.outputTo === '-';
    if (toStandardOutput) {
      // In the background nobody reads it.
      if (!options.daemonize || typeof plan === 'string') writeOut(out);
    } else {
      const failure = await surroundings.writeFile(options.outputTo!, out);
      if (failure !== undefined) {
        writeError(`crm_mon: Error creating output format ${formatName(format)}: ${failure}\n`);
        return EXIT.error;
      }
    }
    return ending.code;
  };
  if (options.version) {
    writeOut(await versionText(format, options, argv));
    return EXIT.ok;
  }
  if (typeof plan === 'string') {
    if (format === 'text' || format === 'console') writeError(`${helpText('help')}\n`);
    return finish({ code: EXIT.usage, report: undefined, errors: [`crm_mon: ${plan}`] });
  }
  if (options.daemonize && !plan.oneShot && surroundings.environment[DAEMON_VARIABLE] === undefined) {
    const { startDaemon } = await import('./daemon.js');
    return startDaemon(argv, options, writeError);
  }
  if (plan.format === 'console') {
    const { runScreen } = await import('./screen/run.js');
    return runScreen({ options, surroundings, file: fromFile ? file : undefined });
  }
  if (!plan.oneShot) {
    const { watch } = await import('./watch.js');
    return watch({ options, plan, surroundings, argv });
  }
  const opened = await surroundings.open(
    openOptions(options, fromFile ? file : undefined, { prompt: surroundings.prompt }),
  );
  if (!opened.ok) {
    if (fromFile) return finish({ code: EXIT.ok, report: undefined, errors: fileComplaints(opened.error) });
    const reason = opened.error.message;
    return plan.format === 'simple'
      ? finish({
          code: EXIT.critical,
          report: undefined,
          errors: [`crm_mon: CLUSTER CRIT: Connection to cluster failed: ${reason}`],
        })
      : finish({
          code: EXIT.disconnected,
          report: undefined,
          errors: [`crm_mon: Connection to cluster failed: ${reason}`],
        });
  }
  const connection = opened.value;
  try {
    const cib = await connection.readCib();
    if (!cib.ok) {
      const errors = fromFile ? fileComplaints(cib.error) : [`crm_mon: ${cib.error.message}`];
      return await finish({ code: fromFile ? EXIT.ok : EXIT.disconnected, report: undefined, errors });
    }
    const report = await makeReport(cib.value, connection, options, plan, surroundings);
    const bad = plan.format === 'simple' && !simpleStatus(report.status).ok;
    return await finish(
      {
        code: EXIT.ok,
        report,
        errors: bad ? ['Error outputting status info from the fencer or CIB'] : [],
      },
      connection,
    );
  } finally {
    await connection.close();
  }
}
