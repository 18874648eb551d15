import { iso8601 } from '../cluster-tools/iso8601.js';
import { runTool } from '../command-line/tool.js';

export const run = () => runTool(iso8601);
