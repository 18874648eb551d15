import { corosyncCfgtool } from '../cluster-tools/corosync/cfgtool.js';
import { runTool } from '../command-line/tool.js';

export const run = () => runTool(corosyncCfgtool);
