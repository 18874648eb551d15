import { crmRule } from '../cluster-tools/crm-rule.js';
import { runTool } from '../command-line/tool.js';

export const run = () => runTool(crmRule);
