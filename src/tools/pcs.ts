import { runPcs } from '../pcs/main.js';
import { processWorld } from '../pcs/process.js';

export async function run(): Promise<void> {
  process.exitCode = await runPcs(processWorld());
}
