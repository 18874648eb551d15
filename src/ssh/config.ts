import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { homedir, userInfo } from 'node:os';
import { isAbsolute, join } from 'node:path';
import type { SshOutcome } from './errors.js';
import { globMatches } from './known-hosts.js';

/** `[ssh://][user@]host[:port]`; an IPv6 address with a port stands in brackets. */
export interface Destination {
  readonly host: string;
  readonly user?: string;
  readonly port?: number;
}

/** What ssh_config(5) says about one host. */
export interface HostConfig {
  /** As the operator named it. */
  readonly host: string;
  readonly hostName: string;
  readonly port: number;
  readonly user: string;
  /** Absolute paths, in order; not all of them need exist. */
  readonly identityFiles: readonly string[];
  /** Certificates of our keys; only the system's `ssh` can use them. */
  readonly certificateFiles: readonly string[];
  readonly identitiesOnly: boolean;
  /** Socket of the SSH agent, or null for none. */
  readonly identityAgent: string | null;
  /** Hops before the host, in order. */
  readonly proxyJump: readonly string[];
  readonly proxyCommand: string | null;
  readonly strictHostKeyChecking: 'yes' | 'ask' | 'accept-new' | 'no';
  readonly userKnownHostsFiles: readonly string[];
  readonly globalKnownHostsFiles: readonly string[];
  readonly hostKeyAlias: string | null;
  readonly hashKnownHosts: boolean;
  readonly connectTimeoutMs: number | null;
  /** 0: none is sent. */
  readonly serverAliveIntervalMs: number;
  readonly serverAliveCountMax: number;
  readonly batchMode: boolean;
  readonly publicKey: boolean;
  readonly password: boolean;
  readonly keyboardInteractive: boolean;
  readonly passwordPrompts: number;
  readonly compression: boolean;
  readonly addressFamily: 'any' | 'inet' | 'inet6';
  readonly bindAddress: string | null;
}

export interface ConfigOptions {
  /** Instead of ~/.ssh/config and /etc/ssh/ssh_config (`ssh -F`). */
  readonly configFile?: string;
  /** The `ssh` to ask; null reads the file ourselves. Default: `ssh` from PATH. */
  readonly sshProgram?: string | null;
  readonly environment?: NodeJS.ProcessEnv;
}

export function parseDestination(text: string): Destination {
  const rest = text.replace(/^ssh:\/\//, '');
  const at = rest.lastIndexOf('@');
  const user = at >= 0 ? rest.slice(0, at) : undefined;
  const place = rest.slice(at + 1);
  const bracketed = /^\[([^\]]+)\](?::(\d+))?$/.exec(place);
  // More than one colon without brackets is an IPv6 address.
  const plain = /^([^:]+):(\d+)$/.exec(place);
  const host = bracketed?.[1] ?? plain?.[1] ?? place;
  const port = bracketed?.[2] ?? plain?.[2];
  return {
    host,
    ...(user === undefined || user === '' ? {} : { user }),
    ...(port === undefined ? {} : { port: Number(port) }),
  };
}

/** Everything that ssh_config says about a destination: from OpenSSH itself where it is installed. */
export async function hostConfig(
  destination: string,
  options: ConfigOptions = {},
): Promise<SshOutcome<HostConfig>> {
  const wanted = parseDestination(destination);
  if (wanted.host === '' || wanted.host.startsWith('-')) {
    return {
      ok: false,
      error: { kind: 'protocol', message: `'${destination}' is no host name`, host: destination },
    };
  }
  if (options.sshProgram !== null) {
    const asked = await askOpenSsh(wanted, options.sshProgram ?? 'ssh', options);
    if (asked !== null) {
      return 'error' in asked
        ? { ok: false, error: { kind: 'protocol', message: asked.error, host: wanted.host } }
        : { ok: true, value: toHostConfig(wanted, asked, options) };
    }
  }
  const read = await readConfig(wanted, options);
  return { ok: true, value: toHostConfig(wanted, read, options) };
}

/** Keyword in lower case → its values, one for each time it counts. */
type Settings = { readonly settings: Map<string, string[]> };

/** `ssh -G`, which knows Include, Match and canonicalization; null where there is no OpenSSH. */
function askOpenSsh(
  wanted: Destination,
  program: string,
  options: ConfigOptions,
): Promise<Settings | { readonly error: string } | null> {
  const args = ['-G'];
  if (options.configFile !== undefined) args.push('-F', options.configFile);
  if (wanted.user !== undefined) args.push('-l', wanted.user);
  if (wanted.port !== undefined) args.push('-p', String(wanted.port));
  args.push('--', wanted.host);
  return new Promise((resolve) => {
    const child = execFile(program, args, { encoding: 'utf8', timeout: 10_000 }, (error, stdout, stderr) => {
      if (error && (error as NodeJS.ErrnoException).code === 'ENOENT') return resolve(null);
      if (error) {
        const line = stderr.split('\n').find((text) => text.trim() !== '' && !/^Pseudo-terminal/.test(text));
        return resolve({ error: `ssh_config: ${(line ?? error.message).trim()}` });
      }
      const settings = new Map<string, string[]>();
      for (const line of stdout.split('\n')) {
        const space = line.indexOf(' ');
        if (space < 0) continue;
        const keyword = line.slice(0, space).toLowerCase();
        settings.set(keyword, [...(settings.get(keyword) ?? []), line.slice(space + 1)]);
      }
      resolve({ settings });
    });
    child.stdin?.end();
  });
}

/** Keywords of which every value counts; of the others the first does (ssh_config(5)). */
const CUMULATIVE = new Set(['identityfile', 'certificatefile', 'sendenv']);

/** The plain part of ssh_config: `Host` sections and keywords. `Match` and `Include` need OpenSSH. */
async function readConfig(wanted: Destination, options: ConfigOptions): Promise<Settings> {
  const files =
    options.configFile === undefined
      ? [join(homeDirectory(), '.ssh/config'), '/etc/ssh/ssh_config']
      : [options.configFile];
  const settings = new Map<string, string[]>();
  for (const file of files) {
    const text = await readFile(file, 'utf8').catch(() => '');
    let applies = true;
    for (const raw of text.split('\n')) {
      const match = /^\s*([A-Za-z]+)(?:\s*=\s*|\s+)(.*?)\s*$/.exec(raw);
      if (!match) continue;
      const keyword = match[1]!.toLowerCase();
      const value = match[2]!.replace(/^"(.*)"$/, '$1');
      if (keyword === 'host') applies = hostApplies(value, wanted.host);
      else if (keyword === 'match') applies = value.trim().toLowerCase() === 'all';
      else if (applies && (CUMULATIVE.has(keyword) || !settings.has(keyword))) {
        settings.set(keyword, [...(settings.get(keyword) ?? []), value]);
      }
    }
  }
  return { settings };
}

function hostApplies(patterns: string, host: string): boolean {
  let applies = false;
  for (const pattern of patterns.split(/\s+/)) {
    const negated = pattern.startsWith('!');
    if (!globMatches((negated ? pattern.slice(1) : pattern).toLowerCase(), host.toLowerCase())) continue;
    if (negated) return false;
    applies = true;
  }
  return applies;
}

const DEFAULT_IDENTITIES = ['id_rsa', 'id_ecdsa', 'id_ecdsa_sk', 'id_ed25519', 'id_ed25519_sk'];

function toHostConfig(wanted: Destination, { settings }: Settings, options: ConfigOptions): HostConfig {
  const environment = options.environment ?? process.env;
  const one = (keyword: string): string | undefined => settings.get(keyword)?.[0];
  const given = (keyword: string): string | null => {
    const value = one(keyword);
    return value === undefined || value.toLowerCase() === 'none' ? null : value;
  };
  const yes = (keyword: string, fallback: boolean): boolean => {
    const value = one(keyword)?.toLowerCase();
    return value === undefined ? fallback : value === 'yes' || value === 'true';
  };
  const whole = (keyword: string, fallback: number): number => {
    const value = Number(one(keyword));
    return Number.isInteger(value) ? value : fallback;
  };
  const user = wanted.user ?? one('user') ?? userInfo().username;
  const port = wanted.port ?? whole('port', 22);
  const hostName = (one('hostname') ?? wanted.host).replaceAll('%h', wanted.host);
  const expand = (path: string): string =>
    expandPath(path, { user, port, hostName, host: wanted.host }, environment);
  const files = (keyword: string, fallback: string[]): string[] =>
    (settings.get(keyword) ?? fallback)
      .flatMap((value) => splitWords(value))
      .filter((path) => path.toLowerCase() !== 'none')
      .map(expand);
  const strict = one('stricthostkeychecking')?.toLowerCase();
  const agent = one('identityagent');
  const timeout = Number(given('connecttimeout') ?? Number.NaN);
  const jump = given('proxyjump');
  return {
    host: wanted.host,
    hostName,
    port,
    user,
    identityFiles: (settings.get('identityfile') ?? DEFAULT_IDENTITIES.map((name) => `~/.ssh/${name}`))
      .filter((path) => path.toLowerCase() !== 'none')
      .map(expand),
    certificateFiles: (settings.get('certificatefile') ?? [])
      .filter((path) => path.toLowerCase() !== 'none')
      .map(expand),
    identitiesOnly: yes('identitiesonly', false),
    identityAgent: identityAgent(agent, expand, environment),
    proxyJump: jump === null ? [] : jump.split(',').map((hop) => hop.trim()),
    proxyCommand: given('proxycommand'),
    strictHostKeyChecking:
      strict === 'yes' || strict === 'true'
        ? 'yes'
        : strict === 'accept-new'
          ? 'accept-new'
          : strict === 'no' || strict === 'off' || strict === 'false'
            ? 'no'
            : 'ask',
    userKnownHostsFiles: files('userknownhostsfile', ['~/.ssh/known_hosts ~/.ssh/known_hosts2']),
    globalKnownHostsFiles: files('globalknownhostsfile', [
      '/etc/ssh/ssh_known_hosts /etc/ssh/ssh_known_hosts2',
    ]),
    hostKeyAlias: given('hostkeyalias'),
    hashKnownHosts: yes('hashknownhosts', false),
    connectTimeoutMs: Number.isFinite(timeout) && timeout > 0 ? timeout * 1000 : null,
    serverAliveIntervalMs: whole('serveraliveinterval', 0) * 1000,
    serverAliveCountMax: whole('serveralivecountmax', 3),
    batchMode: yes('batchmode', false),
    publicKey: yes('pubkeyauthentication', true),
    password: yes('passwordauthentication', true),
    keyboardInteractive: yes('kbdinteractiveauthentication', true),
    passwordPrompts: whole('numberofpasswordprompts', 3),
    compression: yes('compression', false),
    addressFamily:
      one('addressfamily') === 'inet' ? 'inet' : one('addressfamily') === 'inet6' ? 'inet6' : 'any',
    bindAddress: given('bindaddress'),
  };
}

function identityAgent(
  value: string | undefined,
  expand: (path: string) => string,
  environment: NodeJS.ProcessEnv,
): string | null {
  if (value === undefined || value === 'SSH_AUTH_SOCK') return environment.SSH_AUTH_SOCK || null;
  if (value.toLowerCase() === 'none') return null;
  if (value.startsWith('$')) return environment[value.slice(1).replace(/^\{(.*)\}$/, '$1')] || null;
  return expand(value);
}

function splitWords(value: string): string[] {
  return [...value.matchAll(/"([^"]*)"|(\S+)/g)].map((match) => match[1] ?? match[2]!);
}

/** OpenSSH takes the home directory from the password database, never from $HOME. */
function homeDirectory(): string {
  return userInfo().homedir || homedir();
}

/** `~`, `${VARIABLE}` and the tokens of ssh_config(5), TOKENS, that stand in paths. */
function expandPath(
  path: string,
  about: { user: string; port: number; hostName: string; host: string },
  environment: NodeJS.ProcessEnv,
): string {
  const tokens: Record<string, string> = {
    '%': '%',
    d: homeDirectory(),
    h: about.hostName,
    n: about.host,
    p: String(about.port),
    r: about.user,
    u: userInfo().username,
  };
  const expanded = path
    .replace(/^~(?=\/|$)/, homeDirectory())
    .replace(/\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g, (_, name: string) => environment[name] ?? '')
    .replace(/%([%dhnpru])/g, (_, token: string) => tokens[token]!);
  return isAbsolute(expanded) ? expanded : join(homeDirectory(), expanded);
}

/** For ProxyCommand: `%h`, `%p`, `%r`, `%n` and `%%`. */
export function expandCommand(command: string, config: HostConfig): string {
  const tokens: Record<string, string> = {
    '%': '%',
    h: config.hostName,
    n: config.host,
    p: String(config.port),
    r: config.user,
  };
  return command.replace(/%([%hnpr])/g, (_, token: string) => tokens[token]!);
}
