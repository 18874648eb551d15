import { crmError } from '../cluster-tools/crm-error.js';
import { runTool } from '../command-line/tool.js';

await runTool(crmError);
