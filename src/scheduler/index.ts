export { readConstraints, type Schedule, type ScheduleOptions, schedule } from './schedule.js';
