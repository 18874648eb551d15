import type { Element } from '../cib/element.js';
import { writeXml } from '../cib/xml.js';
import type { CommandStatus } from './command.js';
import type { Session } from './session.js';
import { runSibling, type ToolRun } from './sibling-tool.js';
import { writeTemporary } from './temporary.js';

/** Runs one of our tools on a CIB; nothing of the environment's own CIB_file reaches it. */
async function runOn(
  cib: Element,
  session: Session,
  name: string,
  args: readonly string[],
): Promise<ToolRun> {
  const file = writeTemporary('cib.xml', writeXml(cib));
  try {
    const env = { ...session.world.environment, CIB_file: undefined };
    return await runSibling(name, ['--xml-file', file.path, ...args], { env });
  } finally {
    file.remove();
  }
}

/** Scores of resources on nodes, and utilization (`crm_simulate -sU`). */
export async function showScores(session: Session): Promise<CommandStatus> {
  const cib = await session.currentCib();
  if (!cib) return 'failed';
  return show(session, await runOn(cib, session, 'crm_simulate', ['--show-scores', '--show-utilization']));
}

/** The state, and what the cluster would do next. */
export async function showSimulation(
  session: Session,
  cib: Element,
  options: { readonly scores: boolean },
): Promise<CommandStatus> {
  const args = ['--simulate', ...(options.scores ? ['--show-scores'] : [])];
  return show(session, await runOn(cib, session, 'crm_simulate', args));
}

function show(session: Session, run: ToolRun): CommandStatus {
  if (run.stdout !== '') session.print(run.stdout);
  if (run.stderr !== '') session.message(run.status === 0 ? 'warning' : 'error', run.stderr);
  return run.status === 0 ? 'done' : 'failed';
}

/** Reports what `crm_verify` finds; false where there are errors. */
export async function verifyCib(session: Session, cib: Element): Promise<boolean> {
  const run = await runOn(cib, session, 'crm_verify', ['-VVV']);
  for (const line of `${run.stderr}${run.stdout}`.split('\n')) {
    if (line.trim() === '') continue;
    session.message(/warning:/.test(line) ? 'warning' : 'error', line);
  }
  return run.status === 0;
}
