import { crmTicket } from '../cluster-tools/crm-ticket.js';
import { runTool } from '../command-line/tool.js';

export const run = () => runTool(crmTicket);
