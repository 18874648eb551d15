import { crmShadow } from '../cluster-tools/crm-shadow.js';
import { runTool } from '../command-line/tool.js';

export const run = () => runTool(crmShadow);
