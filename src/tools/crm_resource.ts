import { crmResource } from '../cluster-tools/crm-resource.js';
import { runTool } from '../command-line/tool.js';

export const run = () => runTool(crmResource);
