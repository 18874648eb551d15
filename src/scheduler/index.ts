export type { Contribution } from './explanation.js';
export { readConstraints, type Schedule, type ScheduleOptions, schedule } from './schedule.js';
