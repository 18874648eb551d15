import { type Command, type CommandStatus, command, level, optional, word } from '../command.js';
import { OPTIONS, optionKey } from '../options.js';

const keys = () => OPTIONS.map(({ key, summary }) => ({ text: key, summary, kind: 'keyword' as const }));

const show: Command['run'] = async ({ session }, args): Promise<CommandStatus> => {
  const [name] = args;
  if (name !== undefined && name !== 'all') {
    const key = optionKey(name);
    if (key === null) {
      session.error(`Option ${name} not found`);
      return 'failed';
    }
    session.print(`${key} = ${session.options.get(key)}`);
    return 'done';
  }
  for (const { key } of OPTIONS) {
    if (name === 'all' || session.options.isSet(key)) session.print(`${key} = ${session.options.get(key)}`);
  }
  return 'done';
};

/** One-shot, a setting is kept for good, as crmsh keeps it; at the prompt and in a file it holds until `save`. */
function setOption(key: string): Command['run'] {
  return async ({ session, path, command: name }, args) => {
    const complaint = session.options.set(key, args[0] ?? '');
    if (complaint !== null) {
      session.error(`${[...path, name].join('.')}: ${complaint}`);
      return 'failed';
    }
    if (session.oneShot) session.options.save();
    return 'done';
  };
}

/** crmsh's old way: a command an option, with dash or underscore. */
function legacy(name: string, key: string, label: string, ...more: string[]): Command {
  const definition = OPTIONS.find((option) => option.key === key)!;
  return command(name, `Set ${definition.summary[0]!.toLowerCase()}${definition.summary.slice(1)}`, {
    aliases: [...more, ...(name.includes('-') ? [name.replaceAll('-', '_')] : [])],
    args: [
      {
        label,
        complete: () =>
          typeof definition.type === 'object'
            ? definition.type.oneOf.map((text) => ({ text, kind: 'value' as const }))
            : definition.type === 'boolean'
              ? ['yes', 'no'].map((text) => ({ text, kind: 'value' as const }))
              : [],
      },
    ],
    help: `The same as "options set ${key} ${label}".`,
    run: setOption(key),
  });
}

export const optionsLevel = level('options', 'User preferences', {
  help: `
Options hold for this session; "save" keeps them in the user's crm.conf. A one-shot "crm options set ..." keeps what it
sets at once (and only that).`,
  commands: [
    command('show', 'Show current user preference', {
      aliases: ['list'],
      args: [optional({ label: 'all|NAME', complete: keys })],
      help: 'Options that differ from their defaults, all of them, or one.\n\n    options show all',
      run: show,
    }),
    command('set', 'Set the value of a given option', {
      args: [{ label: 'SECTION.NAME', complete: keys }, word('VALUE')],
      help: '    options set core.skill_level operator',
      run: async (env, args) => setOption(args[0]!)(env, args.slice(1)),
    }),
    command('save', 'Save the user preferences to the rc file', {
      help: "Writes the options of this session into the user's crm.conf.",
      run: async ({ session }) => {
        session.options.save();
        return 'done';
      },
    }),
    command('reset', 'Reset user preferences to factory defaults', {
      help: 'Back to the defaults; "save" makes that last.',
      run: async ({ session }) => {
        session.options.reset();
        return 'done';
      },
    }),
    legacy('skill-level', 'core.skill_level', 'operator|administrator|expert'),
    legacy('editor', 'core.editor', 'PROGRAM'),
    legacy('pager', 'core.pager', 'PROGRAM'),
    legacy('user', 'core.user', 'USER'),
    legacy('output', 'color.style', 'plain|color|color-always|uppercase'),
    legacy('colorscheme', 'color.style', 'plain|color|color-always|uppercase'),
    legacy('check-frequency', 'core.check_frequency', 'always|on-verify|never'),
    legacy('check-mode', 'core.check_mode', 'strict|relaxed'),
    legacy('sort-elements', 'core.sort_elements', 'yes|no'),
    legacy('wait', 'core.wait', 'yes|no'),
    legacy('add-quotes', 'core.add_quotes', 'yes|no'),
    legacy('manage-children', 'core.manage_children', 'ask|never|always'),
  ],
});
