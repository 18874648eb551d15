import { sublevel } from '../command.js';

/** Levels that are reached from more than one. */

export const cibSublevel = sublevel(
  'cib',
  'CIB shadow management',
  async () => (await import('./cib.js')).cibLevel,
);

export const cibstatusSublevel = sublevel(
  'cibstatus',
  'CIB status management and editing',
  async () => (await import('./cib.js')).cibstatusLevel,
);

export const raSublevel = sublevel(
  'ra',
  'Resource Agents (RA) lists and documentation',
  async () => (await import('./ra.js')).raLevel,
);

export const historySublevel = sublevel(
  'history',
  'Cluster history',
  async () => (await import('./history.js')).historyLevel,
);
