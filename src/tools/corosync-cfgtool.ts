import { corosyncCfgtool } from '../cluster-tools/corosync/cfgtool.js';
import { runTool } from '../command-line/tool.js';

await runTool(corosyncCfgtool);
