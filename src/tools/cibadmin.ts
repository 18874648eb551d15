import { cibadmin } from '../cluster-tools/cibadmin.js';
import { runTool } from '../command-line/tool.js';

export const run = () => runTool(cibadmin);
