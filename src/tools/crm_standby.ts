import { crmStandby } from '../cluster-tools/crm-standby.js';
import { runTool } from '../command-line/tool.js';

export const run = () => runTool(crmStandby);
