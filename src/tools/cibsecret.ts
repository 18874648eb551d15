import { cibsecret } from '../cluster-tools/cibsecret.js';
import { runTool } from '../command-line/tool.js';

export const run = () => runTool(cibsecret);
