import type { CommandStatus, Environment } from './command.js';

/** `set|show|delete` of one attribute, as several commands take it after the name of what has the attribute. */
export type AttributeRequest =
  | { readonly verb: 'set'; readonly name: string; readonly value: string }
  | { readonly verb: 'show' | 'delete'; readonly name: string };

/**
 * Reads `OWNER VERB NAME [VALUE]`, complaining as crmsh does; `set N=V` counts as `set N V`.
 *
 * @param more verbs beyond set, show and delete, which take no value
 */
export function readAttributeRequest(
  env: Environment,
  args: readonly string[],
): AttributeRequest | CommandStatus {
  const [, verb = '', first = '', ...rest] = args;
  const bad = (problem: string): CommandStatus => {
    env.session.error(`Bad usage: ${problem}, command: '${[env.command, ...args].join(' ')}'`);
    return 'usage';
  };
  switch (verb) {
    case 'set': {
      if (rest.length > 1) return bad('Too many arguments to set');
      if (rest.length === 1) return { verb, name: first, value: rest[0]! };
      const equals = first.indexOf('=');
      if (equals < 1) return bad('Missing value argument to set');
      return { verb, name: first.slice(0, equals), value: first.slice(equals + 1) };
    }
    case 'get':
    case 'show':
      return rest.length > 0 ? bad('Too many arguments to show') : { verb: 'show', name: first };
    case 'delete':
      return rest.length > 0 ? bad('Too many arguments to delete') : { verb, name: first };
    default:
      return bad(`'${verb}'`);
  }
}
