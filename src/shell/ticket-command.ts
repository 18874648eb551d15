import { Element } from '../cib/element.js';
import { calendarTime } from '../monitor/terms.js';
import type { CommandStatus, Environment } from './command.js';

export async function ticket(env: Environment, args: readonly string[]): Promise<CommandStatus> {
  const { session } = env;
  const [verb = '', id = ''] = args;
  const path = [...env.path, env.command].join('.');
  const known = ['grant', 'revoke', 'standby', 'activate', 'show', 'time', 'delete'];
  if (!known.includes(verb)) {
    session.error(`${path}: ${verb}: expected one of ${known.join(', ')}`);
    return 'usage';
  }
  if (verb === 'show' || verb === 'time') {
    const cib = await session.readCib();
    if (!cib) return 'failed';
    const state = find(cib, id);
    if (!state) {
      session.error(`${path}: apparently nothing to show for ticket ${id}`);
      return 'failed';
    }
    if (verb === 'show') {
      session.print(`ticket ${id} is ${state.get('granted') === 'true' ? 'granted' : 'revoked'}`);
      return 'done';
    }
    const last = Number(state.get('last-granted'));
    if (!(last > 0)) {
      session.error(`${path}: ticket ${id} was never granted`);
      return 'failed';
    }
    session.print(`ticket ${id} last time granted on ${calendarTime(last * 1000)}`);
    return 'done';
  }
  const question = `This command may help you if booth cannot be reached, but it is dangerous: ${verb} ${id}`;
  if ((verb === 'grant' || verb === 'revoke') && !session.flags.force) {
    if (session.world.interactive && !(await session.ask(question))) return 'failed';
  }
  const done = await session.changeCib(`crm site ${env.line}`, (cib) => {
    const tickets = cib.ensure('status').ensure('tickets');
    const state = find(cib, id);
    if (verb === 'delete') {
      if (!state) {
        session.error(`${path}: ticket ${id} is not known`);
        return false;
      }
      tickets.remove(state);
      return true;
    }
    const target = state ?? tickets.append(new Element('ticket_state', { id }));
    if (verb === 'grant') {
      target.set('granted', 'true').set('last-granted', String(Math.floor(session.world.now() / 1000)));
    } else if (verb === 'revoke') target.set('granted', 'false');
    else target.set('standby', String(verb === 'standby'));
    return true;
  });
  return done ? 'done' : 'failed';
}

function find(cib: Element, id: string): Element | undefined {
  return cib
    .at('status', 'tickets')
    ?.elements('ticket_state')
    .find((state) => state.id === id);
}
