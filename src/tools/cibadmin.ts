import { cibadmin } from '../cluster-tools/cibadmin.js';
import { runTool } from '../command-line/tool.js';

await runTool(cibadmin);
