import { crmVerify } from '../cluster-tools/crm-verify.js';
import { runTool } from '../command-line/tool.js';

await runTool(crmVerify);
