/** The quick reads of `crm` as one file (scripts/build.mjs); src/tools/crm.ts says which those are. */
export { runLight } from '../shell/light.js';
