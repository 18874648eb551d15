import { crmFailcount } from '../cluster-tools/crm-failcount.js';
import { runTool } from '../command-line/tool.js';

export const run = () => runTool(crmFailcount);
