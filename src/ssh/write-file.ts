import { placeText, type SshOutcome } from './errors.js';
import { shellQuote } from './shell-quote.js';
import type { SshSession } from './types.js';

/** Writes a file on a host, whole or not at all: into a temporary file beside it, then renamed. */
export async function writeRemoteFile(
  session: SshSession,
  path: string,
  content: string | Buffer,
  mode: number,
): Promise<SshOutcome<null>> {
  const target = shellQuote(path);
  const command = `umask 077 && t=$(mktemp -- ${shellQuote(`${path}.XXXXXX`)}) && cat >"$t" && chmod ${mode.toString(8)} "$t" && sync -- "$t" && mv -f -- "$t" ${target}`;
  const outcome = await session.exec(command, { stdin: content });
  if (!outcome.ok) return outcome;
  if (outcome.value.code === 0) return { ok: true, value: null };
  const why = outcome.value.stderr.trim().split('\n')[0] ?? '';
  const { host, hostName, port } = session.config;
  const message = `cannot write ${path} on ${placeText(host, hostName, port)}: ${why}`;
  return { ok: false, error: { kind: 'not-found', message, host } };
}
