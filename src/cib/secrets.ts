/**
 * Parameters whose values are kept out of the CIB (cibsecret(8)): there stands a mark, the value is in a file of each
 * node that only root may read, beside its MD5.
 */
import { md5 } from './md5.js';

/** What stands in the CIB in a secret's place. */
export const SECRET_MARK = 'lrm://';
/** On every node: a folder a resource, in it a file a parameter. */
export const SECRETS_FOLDER = '/var/lib/pacemaker/lrm/secrets';
/** After a file's name, that of the file with the value's MD5. */
export const SIGN_SUFFIX = '.sign';

/** Whether a resource or parameter of this name can have files, and be named in a command of the shell. */
export function isSecretName(name: string): boolean {
  return /^[^./'\n][^/'\n]*$/.test(name);
}

/**
 * A secret from the contents of its two files; null where the value is not the one whose MD5 is there. What a value ends
 * with of blanks is no part of it.
 */
export function verifySecret(value: string, sum: string): string | null {
  const secret = value.trimEnd();
  return sum.trim().toLowerCase() === md5(secret) ? secret : null;
}

/** For a node's shell: a command, and what it gets on its standard input. */
export interface SecretCommand {
  readonly command: string;
  readonly stdin: string;
}

/** The commands for one parameter of one resource. */
export interface SecretCommands {
  keep(value: string): SecretCommand;
  /** Prints what `parseSecret` understands; fails where either file is missing. */
  readonly read: string;
  readonly forget: string;
}

/** @param root before the path of everything; empty on real hosts */
export function secretCommands(root: string, resource: string, parameter: string): SecretCommands {
  const folder = `${root}${SECRETS_FOLDER}/${resource}`;
  const file = `'${folder}/${parameter}'`;
  const sign = `'${folder}/${parameter}${SIGN_SUFFIX}'`;
  return {
    keep: (value) => ({
      command: `umask 077 && mkdir -p '${folder}' && cat > ${file} && echo ${md5(value)} > ${sign}`,
      stdin: `${value}\n`,
    }),
    read: `cat ${sign} ${file}`,
    forget: `rm -f ${file} ${sign}`,
  };
}

/** The value from what `SecretCommands.read` has printed; null where it is not the one whose MD5 is there. */
export function parseSecret(printed: string): string | null {
  const [sum = '', ...value] = printed.split('\n');
  return verifySecret(value.join('\n'), sum);
}
