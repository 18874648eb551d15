export { type Schedule, type ScheduleOptions, schedule } from './schedule.js';
