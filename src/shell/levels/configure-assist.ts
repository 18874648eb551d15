import { type Command, command, level, many } from '../command.js';
import { complete } from './configure-complete.js';

const work =
  (choose: (module: typeof import('./configure-assist-commands.js')) => Command['run']): Command['run'] =>
  async (env, args) =>
    choose(await import('./configure-assist-commands.js'))(env, args);

export const assistLevel = level('assist', 'Configuration assistant', {
  help: 'Changes that take several statements, done in one go. They join the pending edits of "configure".',
  commands: [
    command('template', 'Create template for primitives', {
      args: [many({ label: 'PRIMITIVE', complete: complete.primitives })],
      skill: 'administrator',
      help: `
Makes a resource template of what the primitives have in common, and makes them use it.

    template web1 web2`,
      run: work((m) => m.template),
    }),
    command('weak-bond', 'Create a weak bond between resources', {
      synonyms: ['weak_bond'],
      args: [many({ label: 'RSC', complete: complete.ids })],
      skill: 'administrator',
      help: `
Keeps resources on one node without making one depend on the other: both are colocated with a dummy.

    weak-bond web db`,
      run: work((m) => m.weakBond),
    }),
  ],
});
