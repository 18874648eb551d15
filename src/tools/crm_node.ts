import { crmNode } from '../cluster-tools/crm-node.js';
import { runTool } from '../command-line/tool.js';

export const run = () => runTool(crmNode);
