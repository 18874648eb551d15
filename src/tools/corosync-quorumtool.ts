import { corosyncQuorumtool } from '../cluster-tools/corosync/quorumtool.js';
import { runTool } from '../command-line/tool.js';

export const run = () => runTool(corosyncQuorumtool);
