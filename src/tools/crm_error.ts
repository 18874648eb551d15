import { crmError } from '../cluster-tools/crm-error.js';
import { runTool } from '../command-line/tool.js';

export const run = () => runTool(crmError);
