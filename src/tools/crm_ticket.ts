import { crmTicket } from '../cluster-tools/crm-ticket.js';
import { runTool } from '../command-line/tool.js';

await runTool(crmTicket);
