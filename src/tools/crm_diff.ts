import { crmDiff } from '../cluster-tools/crm-diff.js';
import { runTool } from '../command-line/tool.js';

await runTool(crmDiff);
