import { attrdUpdater } from '../cluster-tools/attrd-updater.js';
import { runTool } from '../command-line/tool.js';

export const run = () => runTool(attrdUpdater);
