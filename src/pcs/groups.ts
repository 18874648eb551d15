import type { Level } from './command.js';

/** The first word of a command → where its table is. A table is loaded when its group is used. */
export const GROUPS = {
  cluster: { load: async (): Promise<Level> => (await import('./groups/cluster.js')).cluster },
  resource: { load: async (): Promise<Level> => (await import('./groups/resource.js')).resource },
  stonith: { load: async (): Promise<Level> => (await import('./groups/stonith.js')).stonith },
  property: { load: async (): Promise<Level> => (await import('./groups/property.js')).property },
  constraint: { load: async (): Promise<Level> => (await import('./groups/constraint.js')).constraint },
  acl: { load: async (): Promise<Level> => (await import('./groups/acl.js')).acl },
  quorum: { load: async (): Promise<Level> => (await import('./groups/quorum.js')).quorum },
  status: { load: async (): Promise<Level> => (await import('./groups/status.js')).status },
  config: { load: async (): Promise<Level> => (await import('./groups/config.js')).config },
  host: { load: async (): Promise<Level> => (await import('./groups/host.js')).host },
  pcsd: { load: async (): Promise<Level> => (await import('./groups/host.js')).pcsd },
  node: { load: async (): Promise<Level> => (await import('./groups/node.js')).node },
  alert: { load: async (): Promise<Level> => (await import('./groups/alert.js')).alert },
  tag: { load: async (): Promise<Level> => (await import('./groups/tag.js')).tag },
} as const;

export type Group = keyof typeof GROUPS;

export function isGroup(word: string): word is Group {
  return Object.hasOwn(GROUPS, word);
}
