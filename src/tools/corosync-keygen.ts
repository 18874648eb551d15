import { corosyncKeygen } from '../cluster-tools/corosync/keygen.js';
import { runTool } from '../command-line/tool.js';

await runTool(corosyncKeygen);
