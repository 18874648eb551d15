import { runPcs } from '../pcs/main.js';
import { processWorld } from '../pcs/process.js';

process.exitCode = await runPcs(processWorld());
