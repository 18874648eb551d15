import { corosyncCmapctl } from '../cluster-tools/corosync/cmapctl.js';
import { runTool } from '../command-line/tool.js';

export const run = () => runTool(corosyncCmapctl);
