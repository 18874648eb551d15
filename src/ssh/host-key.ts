import { appendFile, mkdir, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { HostConfig } from './config.js';
import { placeText, type SshError } from './errors.js';
import {
  fingerprint,
  judgeHostKey,
  type KnownHost,
  keyTypeName,
  keyTypeOf,
  knownHostLine,
  knownHostName,
  knownKeyTypes,
  parseKnownHosts,
} from './known-hosts.js';
import type { Prompt } from './prompt.js';

/** Host key algorithms that ssh2 speaks, best first, by the key type that known_hosts has for them. */
const ALGORITHMS: readonly (readonly [keyType: string, algorithms: readonly string[]])[] = [
  ['ssh-ed25519', ['ssh-ed25519']],
  ['ecdsa-sha2-nistp256', ['ecdsa-sha2-nistp256']],
  ['ecdsa-sha2-nistp384', ['ecdsa-sha2-nistp384']],
  ['ecdsa-sha2-nistp521', ['ecdsa-sha2-nistp521']],
  ['ssh-rsa', ['rsa-sha2-512', 'rsa-sha2-256']],
];

/** Everything that the files of a host's configuration say about any host. Files that are not there say nothing. */
export async function readKnownHosts(config: HostConfig): Promise<KnownHost[]> {
  const files = [...config.userKnownHostsFiles, ...config.globalKnownHostsFiles];
  const texts = await Promise.all(files.map((file) => readFile(file, 'utf8').catch(() => '')));
  return texts.flatMap((text, index) => parseKnownHosts(text, files[index]!));
}

/** Name under which a host's key is looked up (HostKeyAlias takes the place of the host's name). */
export function lookupName(config: HostConfig): string {
  // With an alias the port does not count (ssh_config(5), HostKeyAlias).
  return config.hostKeyAlias
    ? config.hostKeyAlias.toLowerCase()
    : knownHostName(config.hostName, config.port);
}

/**
 * The algorithms to offer: those of the keys that we know of the host come first, or a host that also has a better
 * key, which we do not know, would seem to be a stranger.
 */
export function hostKeyAlgorithms(known: readonly KnownHost[], name: string): string[] {
  const types = knownKeyTypes(known, name);
  const preferred = ALGORITHMS.filter(([type]) => types.includes(type));
  const others = ALGORITHMS.filter(([type]) => !types.includes(type));
  return [...preferred, ...others].flatMap(([, algorithms]) => algorithms);
}

/** Null where the key may be trusted. Asks, and remembers the answer, where StrictHostKeyChecking wants it so. */
export async function verifyHostKey(
  config: HostConfig,
  known: readonly KnownHost[],
  key: Buffer,
  prompt: Prompt | undefined,
): Promise<SshError | null> {
  const name = lookupName(config);
  const place = placeText(config.host, config.hostName, config.port);
  const shown = `${keyTypeName(keyTypeOf(key))} ${fingerprint(key)}`;
  const verdict = judgeHostKey(known, name, key);
  switch (verdict.kind) {
    case 'known':
      return null;
    case 'revoked':
      return {
        kind: 'host-key-revoked',
        host: config.host,
        message: `the key of ${place} (${shown}) is revoked by ${verdict.line.file}:${verdict.line.line}: do not connect; ask whoever runs that host`,
      };
    case 'changed': {
      const line = verdict.lines.find((entry) => entry.keyType === keyTypeOf(key)) ?? verdict.lines[0]!;
      return {
        kind: 'host-key-changed',
        host: config.host,
        message: `the key of ${place} HAS CHANGED (it shows ${shown}, ${line.file}:${line.line} has ${keyTypeName(line.keyType)} ${fingerprint(line.key)}): somebody may be listening in; where the host was reinstalled, run ssh-keygen -R '${name}' and try again`,
      };
    }
    case 'unknown':
      return decideUnknown(config, key, name, place, shown, verdict.authority, prompt);
  }
}

async function decideUnknown(
  config: HostConfig,
  key: Buffer,
  name: string,
  place: string,
  shown: string,
  authority: boolean,
  prompt: Prompt | undefined,
): Promise<SshError | null> {
  const strict = config.strictHostKeyChecking;
  if (strict === 'ask' && prompt && !config.batchMode) {
    const answer = await prompt({
      text: `The authenticity of host '${place}' can't be established.\n${shown.replace(' ', ' key fingerprint is ')}.\nAre you sure you want to continue connecting (yes/no)? `,
      echo: true,
    });
    const words = answer?.trim();
    if (words?.toLowerCase() === 'yes' || words === fingerprint(key)) return remember(config, name, key);
  } else if (strict === 'accept-new' || strict === 'no') return remember(config, name, key);
  const port = config.port === 22 ? '' : `-p ${config.port} `;
  const hint = authority
    ? 'it shows no certificate of the authority in known_hosts that this client could check'
    : `compare it with 'ssh-keygen -lf /etc/ssh/ssh_host_*_key.pub' there, then add it with: ssh-keyscan ${port}${config.hostName} >> ${config.userKnownHostsFiles[0] ?? '~/.ssh/known_hosts'}`;
  return {
    kind: 'host-key-unknown',
    host: config.host,
    message: `the key of ${place} is not known (${shown}): ${hint}`,
  };
}

/** A file that cannot be written does not keep anybody from connecting, as with OpenSSH. */
async function remember(config: HostConfig, name: string, key: Buffer): Promise<null> {
  const file = config.userKnownHostsFiles[0];
  if (file) {
    try {
      await mkdir(dirname(file), { recursive: true, mode: 0o700 });
      const before = await readFile(file, 'utf8').catch(() => '');
      const gap = before === '' || before.endsWith('\n') ? '' : '\n';
      await appendFile(file, gap + knownHostLine(name, key, config.hashKnownHosts), { mode: 0o600 });
    } catch {
      return null;
    }
  }
  return null;
}
