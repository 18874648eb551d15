import { type Command, type Completer, command, level, many, oneOf, optional, word } from '../command.js';
import { node, resource } from '../completers.js';
import { cibstatusSublevel } from './shared-sublevels.js';

const shadows =
  (choose: (module: typeof import('./cib-commands.js')) => Command['run']): Command['run'] =>
  async (env, args) =>
    choose(await import('./cib-commands.js'))(env, args);

const states =
  (choose: (module: typeof import('./cibstatus-commands.js')) => Command['run']): Command['run'] =>
  async (env, args) =>
    choose(await import('./cibstatus-commands.js'))(env, args);

const names: Completer = async ({ session }) => {
  const { shadowNames } = await import('./cib-shadows.js');
  return shadowNames(session).map((text) => ({ text, kind: 'id' as const }));
};
const namesAndLive: Completer = async (request) => [
  ...(await names(request)),
  { text: 'live', kind: 'keyword' as const },
];

const shadow = { label: 'NAME', complete: names };
const source = { label: 'FILE|shadow:NAME|live' };

export const cibstatusLevel = level('cibstatus', 'CIB status management and editing', {
  help: `
A copy of the cluster's status can be changed here to see what the cluster would do: "node n1 offline", then "run".
Nothing reaches the cluster.`,
  commands: [
    command('load', 'Load the CIB status section', {
      args: [source],
      skill: 'expert',
      help: 'Takes the status from a file, a shadow or the cluster.',
      run: states((m) => m.load),
    }),
    command('save', 'Save the CIB status section', {
      args: [optional(source)],
      skill: 'expert',
      help: 'Writes the changed status into the file or shadow it came from, or into another.',
      run: states((m) => m.save),
    }),
    command('origin', 'Display origin of the CIB status section', {
      skill: 'administrator',
      help: 'Where the status comes from, and whether it was changed.',
      run: states((m) => m.origin),
    }),
    command('show', 'Show CIB status section', {
      args: [optional(oneOf('changed'))],
      skill: 'administrator',
      help: 'The status as XML, or only what was changed.',
      run: states((m) => m.show),
    }),
    command('node', 'Change node status', {
      args: [node, oneOf('online', 'offline', 'unclean')],
      skill: 'expert',
      help: 'A node comes, goes cleanly, or is lost.\n\n    node n1 unclean',
      run: states((m) => m.node),
    }),
    command('op', 'Edit outcome of a resource operation', {
      args: [
        word('OPERATION'),
        resource,
        word('RC'),
        optional(oneOf('pending', 'done', 'cancelled', 'timeout', 'notsupported', 'error')),
        optional(node),
      ],
      skill: 'expert',
      help: `
An operation ends with this exit code (a number or a name: success, unknown, args, unimplemented, perm, installed,
configured, not_running, promoted, failed_promoted).

    op monitor:10 web not_running done n1`,
      run: states((m) => m.op),
    }),
    command('quorum', 'Set the quorum', {
      args: [oneOf('true', 'false')],
      skill: 'administrator',
      help: 'The partition has quorum, or has not.',
      run: states((m) => m.quorum),
    }),
    command('ticket', 'Manage tickets', {
      args: [word('TICKET'), oneOf('grant', 'revoke', 'activate', 'standby')],
      skill: 'expert',
      help: 'Grants, revokes, activates a ticket or puts it into standby.',
      run: states((m) => m.ticket),
    }),
    command('run', 'Run policy engine', {
      args: [optional(many(oneOf('nograph', 'v', 'scores', 'utilization')))],
      skill: 'administrator',
      help: 'What the cluster would do in this state.',
      run: states((m) => m.run),
    }),
    command('simulate', 'Simulate cluster transition', {
      args: [optional(many(oneOf('nograph', 'v', 'scores', 'utilization')))],
      skill: 'administrator',
      help: 'What the cluster would do in this state, and the state afterwards.',
      run: states((m) => m.simulate),
    }),
  ],
});

export const cibLevel = level('cib', 'CIB shadow management', {
  help: `
A shadow is a named draft of the configuration in a file. "new test" makes one from the cluster's configuration and works
on it from then on; "commit" sends it to the cluster, "use live" goes back.`,
  levels: [cibstatusSublevel],
  commands: [
    command('new', 'Create a new shadow CIB', {
      args: [
        optional(word('NAME')),
        optional(oneOf('withstatus', 'force', 'empty')),
        optional(oneOf('withstatus', 'force', 'empty')),
        optional(oneOf('withstatus', 'force', 'empty')),
      ],
      skill: 'administrator',
      help: `
Makes a draft from the cluster's configuration ("empty": from nothing) and works on it. Without a name the draft is
temporary.

    new test
    new test force empty`,
      run: shadows((m) => m.create),
    }),
    command('use', 'Change working CIB', {
      args: [optional({ label: 'NAME|live', complete: namesAndLive }), optional(oneOf('withstatus'))],
      skill: 'administrator',
      help: 'Works on a draft, or on the cluster again.',
      run: shadows((m) => m.use),
    }),
    command('delete', 'Delete a shadow CIB', {
      args: [shadow],
      skill: 'administrator',
      help: 'Deletes a draft that is not in use.',
      run: shadows((m) => m.remove),
    }),
    command('reset', 'Copy live cib to a shadow CIB', {
      args: [shadow],
      skill: 'administrator',
      help: 'Overwrites a draft with the cluster’s configuration.',
      run: shadows((m) => m.reset),
    }),
    command('commit', 'Copy a shadow CIB to the cluster', {
      args: [optional(shadow)],
      waits: true,
      skill: 'administrator',
      help: 'Sends a draft to the cluster; without a name the one in use.',
      run: shadows((m) => m.commit),
    }),
    command('diff', 'Diff between the shadow CIB and the live CIB', {
      skill: 'administrator',
      help: 'What the draft in use would change in the cluster.',
      run: shadows((m) => m.diff),
    }),
    command('list', 'List all shadow CIBs', {
      skill: 'administrator',
      help: 'Names of all drafts.',
      run: shadows((m) => m.list),
    }),
    command('import', 'Import a CIB or PE input file to a shadow', {
      args: [word('FILE|NUMBER'), optional(word('NAME'))],
      skill: 'administrator',
      help: 'Makes a draft from a CIB file or a scheduler input (by number), and works on it with its status.',
      run: shadows((m) => m.importFile),
    }),
  ],
});
