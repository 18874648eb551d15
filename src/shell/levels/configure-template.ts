import { type Command, type Completer, command, level, many, oneOf, optional } from '../command.js';

const work =
  (choose: (module: typeof import('./configure-template-commands.js')) => Command['run']): Command['run'] =>
  async (env, args) =>
    choose(await import('./configure-template-commands.js'))(env, args);

const templates: Completer = async () => {
  const { TEMPLATES } = await import('./configure-template-texts.js');
  return [...TEMPLATES.keys()].map((text) => ({ text, kind: 'id' as const }));
};
const configurations: Completer = async ({ session }) => {
  const { configurationNames } = await import('./configure-template-commands.js');
  return configurationNames(session).map((text) => ({ text, kind: 'id' as const }));
};

const configuration = { label: 'CONFIG', complete: configurations };

export const templateLevel = level('template', 'Import configuration from templates', {
  help: `
Templates ask for a few values and make statements of them: "new web apache" copies a template, "edit" fills it in,
"show" prints the statements, "apply" takes them into the working copy.`,
  commands: [
    command('new', 'Create a new configuration from templates', {
      args: [
        { label: 'CONFIG|TEMPLATE', complete: templates },
        optional(many({ label: 'TEMPLATE... [params NAME=VALUE...]', complete: templates })),
      ],
      skill: 'administrator',
      help: `
Copies templates under a name of your own; values may be given at once.

    new vip virtual-ip params ip=10.0.0.9`,
      run: work((m) => m.create),
    }),
    command('load', 'Load a configuration', {
      args: [optional(configuration)],
      skill: 'administrator',
      help: 'Chooses the configuration that the other commands work on.',
      run: work((m) => m.load),
    }),
    command('edit', 'Edit a configuration', {
      args: [optional(configuration)],
      skill: 'administrator',
      help: 'Opens a configuration in the editor, where its values are filled in.',
      run: work((m) => m.edit),
    }),
    command('show', 'Show the processed configuration', {
      args: [optional(configuration)],
      help: 'The statements that a configuration makes, or which values it lacks.',
      run: work((m) => m.show),
    }),
    command('apply', 'Process and apply a configuration', {
      args: [optional(oneOf('replace', 'update')), optional(configuration)],
      skill: 'administrator',
      help: 'Takes the statements into the working copy. "replace" begins from an empty configuration.',
      run: work((m) => m.apply),
    }),
    command('delete', 'Delete a configuration', {
      args: [configuration, optional(oneOf('force'))],
      skill: 'administrator',
      help: 'Deletes a configuration; the one in use only with "force".',
      run: work((m) => m.remove),
    }),
    command('list', 'List configurations/templates', {
      args: [optional(oneOf('templates', 'configs'))],
      help: 'Configurations and templates that there are.',
      run: work((m) => m.list),
    }),
  ],
});
