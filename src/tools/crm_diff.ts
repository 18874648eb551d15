import { crmDiff } from '../cluster-tools/crm-diff.js';
import { runTool } from '../command-line/tool.js';

export const run = () => runTool(crmDiff);
