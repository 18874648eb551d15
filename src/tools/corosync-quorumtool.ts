import { corosyncQuorumtool } from '../cluster-tools/corosync/quorumtool.js';
import { runTool } from '../command-line/tool.js';

await runTool(corosyncQuorumtool);
