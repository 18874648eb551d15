import { stonithAdmin } from '../cluster-tools/stonith-admin.js';
import { runTool } from '../command-line/tool.js';

export const run = () => runTool(stonithAdmin);
