/** Names whose values are nobody's business: passwords, tokens, secrets, keys. */
const SENSITIVE = /passw|token|secret|credential|api_?key|private_?key/i;

/**
 * A command line as it may stand in the cluster's log: values of parameters with a telling name are left out, given
 * as `NAME=VALUE` or as `set NAME VALUE`.
 */
export function loggable(line: string): string {
  return line
    .replace(/([\w.-]+)=("(?:\\.|[^"\\])*"|'[^']*'|\S+)/g, (pair, name: string) =>
      SENSITIVE.test(name) ? `${name}=******` : pair,
    )
    .replace(/\bset ([\w.-]+) ("(?:\\.|[^"\\])*"|'[^']*'|\S+)/g, (words, name: string) =>
      SENSITIVE.test(name) ? `set ${name} ******` : words,
    )
    .replace(/\bsecret (\S+) set (\S+) .*/, 'secret $1 set $2 ******');
}
