import { type Command, type Completer, command, level, oneOf, optional, word } from '../command.js';

type Work = typeof import('../script/commands.js');

function later(choose: (work: Work) => Command['run']): Command['run'] {
  return async (env, args) => choose(await import('../script/commands.js'))(env, args);
}

const names: Completer = async (request) => (await import('../script/commands.js')).completeName(request);
const values: Completer = async (request) => (await import('../script/commands.js')).completeValue(request);
const name = { label: 'NAME', complete: names };
const value = { label: 'PARAM=VALUE', complete: values, optional: true, repeated: true };

export const scriptLevel = level('script', 'Cluster script management', {
  help: `
Wizards: a few values make a whole, reviewed piece of configuration. "show" says what a wizard wants, "verify" shows
what it would do, "run" does it, as one change.`,
  commands: [
    command('list', 'List available scripts', {
      args: [optional(oneOf('all', 'names')), optional(oneOf('all', 'names'))],
      help: 'By category; "all" with the building blocks, "names" only the names.\n\n    script list',
      run: later((work) => work.list),
    }),
    command('show', 'Describe the script', {
      aliases: ['info', 'describe'],
      args: [name, optional(oneOf('all'))],
      help: 'What the wizard makes, and the values that it takes.\n\n    script show nginx',
      run: later((work) => work.show),
    }),
    command('verify', 'Verify the script', {
      args: [name, value],
      help: 'Checks the values and shows what would be configured; changes nothing.\n\n    script verify virtual-ip id=vip ip=10.0.0.9',
      run: later((work) => work.verify),
    }),
    command('run', 'Run the script', {
      args: [name, value],
      help: `
Configures what "verify" shows, all of it or nothing. With dry_run=yes it only shows it.

    script run nginx id=web virtual-ip:ip=10.0.0.9`,
      run: later((work) => work.run),
    }),
    command('json', 'JSON API for cluster scripts', {
      args: [{ ...word('JSON'), repeated: true }],
      help: `
For programs; answers one JSON object a line.

    script json '["list"]'
    script json '["show", "nginx"]'
    script json '["verify", "virtual-ip", {"id": "vip", "ip": "10.0.0.9"}]'`,
      run: later((work) => work.json),
    }),
  ],
});
