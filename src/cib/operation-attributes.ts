/** Attributes of an `<op>`; what else is said of an operation is one of its parameters. */
export const OPERATION_ATTRIBUTES: readonly string[] = [
  'id',
  'name',
  'interval',
  'description',
  'start-delay',
  'interval-origin',
  'timeout',
  'enabled',
  'record-pending',
  'role',
  'on-fail',
];
