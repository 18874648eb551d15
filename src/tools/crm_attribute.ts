import { crmAttribute } from '../cluster-tools/crm-attribute.js';
import { runTool } from '../command-line/tool.js';

export const run = () => runTool(crmAttribute);
