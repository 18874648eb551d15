import { runLight } from '../shell/light.js';

/** The quick reads of `crm` (src/launcher/launch.ts says which those are), in place of src/tools/crm.ts. */
export const run = () => runLight(process);
