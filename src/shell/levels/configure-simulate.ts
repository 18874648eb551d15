import { writeXml } from '../../cib/xml.js';
import type { Command } from '../command.js';
import { showPaged } from '../pager.js';
import { runSibling } from '../sibling-tool.js';
import { writeTemporary } from '../temporary.js';
import { playedStatus } from './cibstatus-commands.js';
import { openCopy } from './configure-copy.js';

const WORDS = new Set(['nograph', 'scores', 'actions', 'utilization']);

/** What the cluster would do with the edited configuration in the present state. */
export const ptest: Command['run'] = async (env, args) => {
  const { session } = env;
  const copy = await openCopy(session);
  if (!copy) return 'failed';
  const wrong = args.find((word) => !WORDS.has(word) && !/^v+$/.test(word));
  if (wrong !== undefined) {
    session.error(`configure.ptest: ${wrong} is none of nograph, v, scores, actions, utilization`);
    return 'failed';
  }
  const cib = copy.configuration.cib.clone();
  const status = playedStatus(session);
  if (status) {
    cib.children = cib.children.filter((child) => child.kind !== 'element' || child.name !== 'status');
    cib.append(status.clone());
  }
  if (!cib.first('status')) {
    session.error('no status section found');
    return 'failed';
  }
  const options = ['--simulate'];
  if (args.includes('scores')) options.push('--show-scores');
  if (args.includes('utilization')) options.push('--show-utilization');
  for (const word of args) if (/^v+$/.test(word)) options.push(...Array<string>(word.length).fill('-V'));
  const file = writeTemporary('cib.xml', writeXml(cib));
  try {
    const environment = { ...session.world.environment, CIB_file: undefined };
    const ran = await runSibling('crm_simulate', ['--xml-file', file.path, ...options], { env: environment });
    const text = args.includes('actions') ? actionsOf(ran.stdout) : ran.stdout;
    if (text !== '') await showPaged(session, text);
    if (ran.stderr !== '') session.message(ran.status === 0 ? 'warning' : 'error', ran.stderr);
    return ran.status === 0 ? 'done' : 'failed';
  } finally {
    file.remove();
  }
};

/** The transition's summary, without the state before and after. */
function actionsOf(text: string): string {
  const start = text.indexOf('Transition Summary:');
  if (start < 0) return 'no actions\n';
  const end = text.indexOf('\n\n', start);
  return `${end < 0 ? text.slice(start) : text.slice(start, end)}\n`;
}
