import { type Command, command, level, oneOf } from '../command.js';
import { ticket } from '../completers.js';

const run: Command['run'] = async (env, args) => (await import('../ticket-command.js')).ticket(env, args);

export const siteLevel = level('site', 'GEO clustering site support', {
  help: 'Tickets: permission to run resources at this site of a cluster of clusters.',
  commands: [
    command('ticket', 'Manage site tickets', {
      args: [oneOf('grant', 'revoke', 'standby', 'activate', 'show', 'time', 'delete'), ticket],
      skill: 'administrator',
      help: `
    site ticket grant shop
    site ticket show shop
    site ticket time shop`,
      run,
    }),
  ],
});
