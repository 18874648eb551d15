import { corosyncKeygen } from '../cluster-tools/corosync/keygen.js';
import { runTool } from '../command-line/tool.js';

export const run = () => runTool(corosyncKeygen);
