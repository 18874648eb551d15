/** The way to a real Pacemaker on another host: what runs there, as whom its tools may be run, and the shell that runs them. */
import type { SshOutcome } from '../ssh/errors.js';
import type { Prompt } from '../ssh/prompt.js';
import type { SshSession } from '../ssh/session.js';
import { shellQuote } from '../ssh/shell-quote.js';
import type { Connection, ConnectionError, Outcome } from './connection.js';
import {
  NODE_NAME,
  openPacemaker,
  PACEMAKER_RUNS,
  type PacemakerOptions,
  type Runner,
  TOOLS_PATH,
} from './pacemaker.js';
import { RemoteShell } from './remote-shell.js';
import { connectionError } from './ssh.js';

/** Of Pacemaker: its tools have printed XML since then. */
const VERSION_MIN = '2.0.3';
/** What everything here is done with. */
const TOOLS = ['cibadmin', 'crm_mon', 'crm_node', 'crm_resource', 'crm_attribute', 'stonith_admin'];

/** How often a password of sudo is asked for, as sudo does. */
const SUDO_PROMPTS = 3;

const INSPECT = `id -u; id -un; id -Gn
pgrep -x pacemakerd >/dev/null && echo runs || echo stopped
[ -e /etc/debian_version ] && echo apt-get || echo dnf
for tool in ${TOOLS.join(' ')}; do [ -x "$(command -v $tool)" ] || printf '%s ' $tool; done; echo
cibadmin --version 2>/dev/null | sed -n '1s/^Pacemaker //p'`;

interface Found {
  readonly uid: number;
  readonly user: string;
  readonly groups: readonly string[];
  readonly runs: boolean;
  readonly debian: boolean;
  readonly missing: readonly string[];
  readonly version: string;
}

/** A `sh` there, as whom one has logged in or as `prefix` makes it; a secret is the first that is written to it. */
async function openShell(ssh: SshSession, prefix = '', secret?: string): Promise<Outcome<RemoteShell>> {
  const opened = await ssh.openCommand(`${prefix} /bin/sh`.trim());
  if (!opened.ok) return { ok: false, error: connectionError(opened.error) };
  if (secret !== undefined) opened.value.write(`${secret}\n`);
  return { ok: true, value: new RemoteShell(opened.value, ssh.host) };
}

async function inspect(shell: RemoteShell): Promise<Outcome<Found>> {
  const ran = await shell.run(INSPECT);
  if (!ran.ok) return ran;
  const [uid = '', user = '', groups = '', runs = '', packages = '', missing = '', version = ''] =
    ran.value.stdout.split('\n');
  return {
    ok: true,
    value: {
      uid: Number(uid),
      user,
      groups: groups.split(' '),
      runs: runs === 'runs',
      debian: packages === 'apt-get',
      missing: missing.split(' ').filter((tool) => tool !== ''),
      version: version.trim(),
    },
  };
}

function isOlder(version: string, than: string): boolean {
  const parts = (text: string) => text.split(/[.-]/).map((part) => Number.parseInt(part, 10) || 0);
  const [a, b] = [parts(version), parts(than)];
  for (let index = 0; index < b.length; index++) {
    if ((a[index] ?? 0) !== b[index]) return (a[index] ?? 0) < b[index]!;
  }
  return false;
}

/** Why this Pacemaker cannot be driven; one line. */
function objection(found: Found, host: string): string | null {
  if (found.missing.length > 0) {
    const tools = found.debian ? 'pacemaker-cli-utils' : 'pacemaker-cli';
    const install = `${found.debian ? 'apt-get' : 'dnf'} install ${tools}`;
    return `Pacemaker runs on ${host}, but without ${found.missing.join(', ')}: install its tools there with '${install}'`;
  }
  if (found.version !== '' && isOlder(found.version, VERSION_MIN)) {
    return `Pacemaker ${found.version} on ${host} is too old: it takes ${VERSION_MIN} or newer`;
  }
  return null;
}

export interface PacemakerSshOptions {
  readonly prompt?: Prompt;
  /** Pacemaker is meant and nothing else: that it does not run is then an error. */
  readonly forced: boolean;
  /** Logs in to another host, unless that is given up meanwhile. */
  readonly connect: (destination: string, signal: AbortSignal) => Promise<SshOutcome<SshSession>>;
}

/** Drives the Pacemaker of a host; null where none runs there. The session is the connection's own from then on. */
export async function openPacemakerSsh(
  ssh: SshSession,
  options: PacemakerSshOptions,
): Promise<Outcome<Connection> | null> {
  const plain = await openShell(ssh);
  const unless = (failed: Outcome<never>) => {
    if (ssh.lost) return { ok: false, error: connectionError(ssh.lost) } as const;
    return options.forced ? failed : null;
  };
  if (!plain.ok) return unless(plain);
  // All at once: over a slow link each answer that is waited for is felt.
  const started = plain.value.start(TOOLS_PATH);
  const [inspected, named] = await Promise.all([
    inspect(plain.value),
    plain.value.run(`${PACEMAKER_RUNS} && ${NODE_NAME}`),
    started,
  ]);
  if (!inspected.ok) return unless(inspected);
  const found = inspected.value;
  const fail = (kind: ConnectionError['kind'], message: string): Outcome<Connection> => ({
    ok: false,
    error: { kind, message },
  });
  if (!found.runs) {
    if (!options.forced) return null;
    const message = found.missing.includes('cibadmin')
      ? `there is no Pacemaker on ${ssh.host}`
      : `Pacemaker does not run on ${ssh.host}: start it there with 'systemctl start pacemaker'`;
    return fail('no-agent', message);
  }
  const why = objection(found, ssh.host);
  if (why) return fail('unsupported', why);
  const enough = found.uid === 0 || found.groups.includes('haclient');
  const shell: Outcome<Elevated> = enough
    ? { ok: true, value: { remote: plain.value, prefix: '' } }
    : await elevatedShell(ssh, found, options.prompt);
  if (!shell.ok) return shell;
  if (!enough) plain.value.close();
  return openPacemaker(runnerOf(ssh, shell.value), {
    ...waysOf(ssh, found.user, shell.value, options),
    ...(enough && named.ok ? { named: named.value } : {}),
  });
}

/** Runs commands in the shell that stays, or beside it. */
function runnerOf(ssh: SshSession, { remote, prefix, secret }: Elevated): Runner {
  return async (command, stdin, apart = false) => {
    if (!apart) {
      const ran = await remote.run(command, stdin);
      // The shell knows only that it has ended, the session why.
      return !ran.ok && ssh.lost ? { ok: false, error: connectionError(ssh.lost) } : ran;
    }
    // Beside the shell, which would keep everything else waiting.
    const text = `${prefix} /bin/sh -c ${shellQuote(`${TOOLS_PATH} ${command}`)}`;
    const input = secret === undefined ? stdin : `${secret}\n${stdin ?? ''}`;
    const ran = await ssh.exec(text, input === undefined ? {} : { stdin: input });
    return ran.ok ? ran : { ok: false, error: connectionError(ran.error) };
  };
}

/** To the other nodes, to what goes on for long, and to the end of it all. */
function waysOf(
  ssh: SshSession,
  user: string,
  { remote, prefix, secret }: Elevated,
  options: PacemakerSshOptions,
): PacemakerOptions {
  const others = new Map<string, Promise<SshSession | null>>();
  const ended = new AbortController();
  return {
    host: ssh.host,
    release: async () => {
      remote.close();
      ended.abort();
      for (const login of others.values()) void login.then((session) => session?.close());
      await ssh.close();
    },
    elsewhere: async (node, command) => {
      const login =
        others.get(node) ??
        options
          .connect(`${user}@${node}`, ended.signal)
          .then((session) => (session.ok ? session.value : null));
      others.set(node, login);
      const session = await login;
      const input = secret === undefined ? {} : { stdin: `${secret}\n` };
      const ran = await session?.exec(
        `${prefix} /bin/sh -c ${shellQuote(`${TOOLS_PATH} ${command}`)}`,
        input,
      );
      return ran?.ok ? ran.value : null;
    },
    closed: ssh.closed.then((error) => (error ? connectionError(error) : null)),
    follow: async (command, onLine) => {
      const opened = await ssh.openCommand(`${TOOLS_PATH} ${secret === undefined ? prefix : ''} ${command}`);
      if (!opened.ok) return null;
      let rest = '';
      opened.value.setEncoding('utf8').on('data', (text: string) => {
        const lines = (rest + text).split('\n');
        rest = lines.pop() ?? '';
        if (lines.length > 0) onLine();
      });
      opened.value.on('error', () => {});
      return () => opened.value.destroy();
    },
  };
}

interface Elevated {
  readonly remote: RemoteShell;
  /** In front of a command that is run apart. */
  readonly prefix: string;
  /** What sudo wants to read first, where it wants anything. */
  readonly secret?: string;
}

/** A shell of root, by sudo. A password goes only through its standard input. */
async function elevatedShell(
  ssh: SshSession,
  found: Found,
  prompt: Prompt | undefined,
): Promise<Outcome<Elevated>> {
  const place = ssh.host;
  const open = async (prefix: string, secret?: string): Promise<Outcome<Elevated>> => {
    const opened = await openShell(ssh, prefix, secret);
    if (!opened.ok) return opened;
    const lost = await opened.value.start(TOOLS_PATH);
    if (lost) return { ok: false, error: lost };
    return {
      ok: true,
      value: { remote: opened.value, prefix, ...(secret === undefined ? {} : { secret }) },
    };
  };
  const free = await ssh.exec('sudo -n true');
  if (free.ok && free.value.code === 0) return open('sudo -n');
  const hint = `log in as root@${place}, make ${found.user} a member of group haclient there, or let him use sudo`;
  const denied = (why: string): Outcome<Elevated> => ({
    ok: false,
    error: {
      kind: 'authentication',
      message: `${found.user} may not manage the cluster on ${place}${why}: ${hint}`,
    },
  });
  const none =
    free.ok && (free.value.code === 127 || /not found|may not run|not allowed/i.test(free.value.stderr));
  if (none || !prompt) return denied(none ? '' : ', and nobody can be asked for a password of sudo');
  const text = `[sudo] password for ${found.user}@${place}: `;
  const refused: string[] = [];
  for (let turn = 0; turn < SUDO_PROMPTS; turn++) {
    const answer = await prompt({ text, echo: false, about: `sudo password of ${found.user}`, refused });
    if (answer === null) return denied('');
    // -k: the password is asked for whatever was remembered, so that it can never end up as a line of the shell's script.
    const opened = await open("sudo -k -S -p ''", answer);
    if (opened.ok) return opened;
    refused.push(answer);
  }
  return denied(' (sudo does not take the password)');
}
