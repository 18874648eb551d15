import type { Completer } from '../command.js';

/** Completers of the configure level; what they need is loaded when somebody presses Tab. */
const later =
  (choose: (module: typeof import('./configure-candidates.js')) => Completer): Completer =>
  async (request) =>
    choose(await import('./configure-candidates.js'))(request);

export const complete = {
  statement: later((m) => m.statement),
  ids: later((m) => m.ids()),
  groups: later((m) => m.ids('group')),
  primitives: later((m) => m.ids('primitive')),
  selection: later((m) => m.selection),
  properties: later((m) => m.properties),
  files: later((m) => m.files),
  words:
    (...words: readonly string[]): Completer =>
    () =>
      words.map((text) => ({ text, kind: 'keyword' as const })),
};
