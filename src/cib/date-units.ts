/** Parts of a date or a duration in a rule, as attributes of `<date_spec>` and `<duration>` are called. */
export const DATE_UNITS = [
  'hours',
  'monthdays',
  'weekdays',
  'yearsdays',
  'months',
  'weeks',
  'years',
  'weekyears',
  'moon',
] as const;
