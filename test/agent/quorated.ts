/** The agent's executable for tests that build it themselves. */
import { run } from '../../src/tools/quorated.js';

await run();
