/** How one action bears on another; an ordering may have several of these. */
export const Order = {
  none: 0,
  /** Only if both happen anyway. */
  optional: 0x1,
  /** As optional, but not where `first` becomes part of a live migration. */
  unlessFirstMigrates: 0x2,
  /** `then` being required makes `first` required. */
  impliesFirst: 0x10,
  /** `first` being required makes `then` required. */
  impliesThen: 0x20,
  /** As impliesFirst, where `then`'s resource is promoted. */
  promotedImpliesFirst: 0x40,
  /** As impliesFirst, where `then` cannot be part of a migration. */
  impliesFirstMigratable: 0x80,
  /** `then` needs `first` to be runnable. */
  runnableFirst: 0x100,
  /** `then` is a pseudo action only while `first` is runnable. */
  pseudoFirst: 0x200,
  /** As impliesThen, on the node of `first`. */
  impliesThenOnNode: 0x400,
  probe: 0x800,
  /** Of a stop and a start of one resource: both or none. */
  restart: 0x1000,
  serializeOnly: 0x4000,
  /** Only where both are on one node. */
  sameNode: 0x8000,
  /** `first` is shown in the graph where `then` is required. */
  showFirst: 0x10000,
  /** `then` is shown in the graph where `first` is required. */
  showThen: 0x20000,
  asymmetrical: 0x100000,
  /** Utilization: room must be made before it is used. */
  load: 0x200000,
  /** `then` needs at least one of several firsts. */
  oneOrMore: 0x400000,
  antiColocation: 0x800000,
  /** Kept even between a guest's resources and the guest. */
  preserve: 0x1000000,
  /** `then` being required makes `first` unnecessary. */
  thenCancelsFirst: 0x2000000,
} as const;

export const ActionFlag = {
  /** Ordering only; nothing is executed. */
  pseudo: 0x1,
  runnable: 0x2,
  optional: 0x4,
  /** In the graph although optional. */
  printAlways: 0x8,
  haveNodeAttributes: 0x10,
  impliedByFencing: 0x40,
  /** May be replaced by a live migration. */
  migrateRunnable: 0x80,
  /** Is in the graph. */
  dumped: 0x100,
  /** A stop of what a finished migration left behind. */
  dangling: 0x800,
  /** Needs one of several inputs. */
  requiresAny: 0x1000,
  reschedule: 0x2000,
  /** Met in the search at hand. */
  tracking: 0x4000,
  deduplicated: 0x8000,
  /** Done by the DC, wherever the node is. */
  onDc: 0x10000,
} as const;

/** What became of two actions when an ordering was applied. */
export const Updated = { none: 0, firstChanged: 1, thenChanged: 2 } as const;
