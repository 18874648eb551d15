/**
 * A real sshd of our own for a test: one process for each connection, behind an ephemeral port on loopback. Its
 * configuration, keys and known_hosts are in a directory that ends with it.
 */
import { execFileSync, spawn } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';

export const SSHD = ['/usr/sbin/sshd', '/usr/local/sbin/sshd', '/usr/bin/sshd'].find((path) =>
  existsSync(path),
);

export interface TestSshd {
  readonly port: number;
  readonly directory: string;
  /** `TYPE BASE64` of the host key of that type. */
  readonly hostKey: (type: 'ed25519' | 'rsa') => string;
  readonly path: (name: string) => string;
  /** Writes an ssh_config for the host `server` with these extra lines, and gives its path. */
  readonly config: (lines?: readonly string[], name?: string) => string;
  readonly knownHosts: (text: string) => void;
  readonly close: () => Promise<void>;
}

export function makeKey(path: string, options: { type?: string; passphrase?: string } = {}): string {
  const { type = 'ed25519', passphrase = '' } = options;
  const size = type === 'rsa' ? ['-b', '2048'] : [];
  execFileSync('ssh-keygen', ['-q', '-t', type, ...size, '-N', passphrase, '-C', 'test', '-f', path]);
  return readFileSync(`${path}.pub`, 'utf8').trim();
}

export async function startSshd(extra: readonly string[] = []): Promise<TestSshd> {
  if (!SSHD) throw new Error('these tests need sshd (apt-get install openssh-server)');
  const directory = mkdtempSync(join(tmpdir(), 'sshd-'));
  const path = (name: string): string => join(directory, name);
  if (process.getuid?.() === 0) mkdirSync('/run/sshd', { recursive: true });
  for (const type of ['ed25519', 'rsa']) makeKey(path(`host_${type}`), { type });
  const key = makeKey(path('id_user'));
  writeFileSync(path('authorized_keys'), `${key}\n`);
  writeFileSync(path('known_hosts'), '');
  chmodSync(directory, 0o700);
  writeFileSync(
    path('sshd_config'),
    [
      `HostKey ${path('host_ed25519')}`,
      `HostKey ${path('host_rsa')}`,
      `AuthorizedKeysFile ${path('authorized_keys')}`,
      'StrictModes no',
      'UsePAM no',
      'UseDNS no',
      'PermitRootLogin yes',
      'PasswordAuthentication no',
      'KbdInteractiveAuthentication no',
      `PidFile none`,
      ...extra,
    ].join('\n'),
  );
  let configurations = 0;
  const children = new Set<ReturnType<typeof spawn>>();
  const server = createServer({ pauseOnConnect: true }, (socket) => {
    const child = spawn(SSHD, ['-i', '-e', '-f', path('sshd_config')], { stdio: [socket, socket, 'pipe'] });
    children.add(child);
    child.stderr?.on('data', (text: Buffer) => appendFileSync(path('log'), text));
    child.on('close', () => children.delete(child));
    socket.on('error', () => {});
    // The child has it now.
    child.on('spawn', () => socket.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const hostKey = (type: 'ed25519' | 'rsa'): string =>
    readFileSync(path(`host_${type}.pub`), 'utf8')
      .split(' ')
      .slice(0, 2)
      .join(' ');
  writeFileSync(path('known_hosts'), `[127.0.0.1]:${port} ${hostKey('ed25519')}\n`);
  return {
    port,
    directory,
    path,
    hostKey,
    config(lines = [], name = 'server') {
      const file = path(`config_${name}_${configurations++}`);
      const settings = [
        ...lines,
        'HostName 127.0.0.1',
        `Port ${port}`,
        `User ${userInfo().username}`,
        `IdentityFile ${path('id_user')}`,
        'IdentityAgent none',
        `UserKnownHostsFile ${path('known_hosts')}`,
        'GlobalKnownHostsFile none',
        'StrictHostKeyChecking yes',
      ];
      writeFileSync(file, `Host ${name}\n${settings.map((line) => `  ${line}\n`).join('')}`);
      return file;
    },
    knownHosts: (text) => writeFileSync(path('known_hosts'), text),
    async close() {
      await new Promise((resolve) => server.close(resolve));
      await Promise.all(
        [...children].map((child) => {
          const ended = new Promise((resolve) => child.on('close', resolve));
          child.kill('SIGTERM');
          return ended;
        }),
      );
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
