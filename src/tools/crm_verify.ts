import { crmVerify } from '../cluster-tools/crm-verify.js';
import { runTool } from '../command-line/tool.js';

export const run = () => runTool(crmVerify);
