import { crmadmin } from '../cluster-tools/crmadmin.js';
import { runTool } from '../command-line/tool.js';

export const run = () => runTool(crmadmin);
