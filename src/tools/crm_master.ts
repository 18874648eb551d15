import { crmMaster } from '../cluster-tools/crm-master.js';
import { runTool } from '../command-line/tool.js';

export const run = () => runTool(crmMaster);
