import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { shippedAgentsFolder } from '../../command-line/installation.js';

type Environment = Readonly<Record<string, string | undefined>>;

/** Agents of the machine that the shell runs on, found as Pacemaker finds them. */
export class LocalAgents {
  readonly #env: Environment;
  readonly #ocfFolders: readonly string[];
  readonly #fenceFolders: readonly string[];

  constructor(env: Environment) {
    this.#env = env;
    const shipped = shippedAgentsFolder();
    // Below `$QUORATE_ROOT` a node may have agents of its own, as its executor finds them, too.
    const below = (path: string) => (env.QUORATE_ROOT ? [join(env.QUORATE_ROOT, path)] : []);
    this.#fenceFolders = [...below('/usr/sbin'), '/usr/sbin', ...(shipped ? [join(shipped, 'stonith')] : [])];
    this.#ocfFolders = [
      ...below('/usr/lib/ocf/resource.d'),
      join(env.OCF_ROOT || '/usr/lib/ocf', 'resource.d'),
      ...(shipped ? [join(shipped, 'ocf')] : []),
    ];
  }

  async list(agentClass: string, provider?: string): Promise<string[]> {
    switch (agentClass) {
      case 'ocf': {
        const providers = provider === undefined ? await this.providers() : [provider];
        return unique(
          providers.flatMap((name) =>
            this.#ocfFolders.flatMap((folder) =>
              programs(join(folder, name)).filter((type) => !type.startsWith('.')),
            ),
          ),
        );
      }
      case 'lsb':
        return programs('/etc/init.d');
      case 'stonith':
        return unique(
          this.#fenceFolders
            .flatMap((folder) => programs(folder))
            .filter((name) => name.startsWith('fence_') && !NO_DEVICES.has(name)),
        );
      case 'systemd':
        return systemdUnits();
      case 'service':
        return unique([...programs('/etc/init.d'), ...(await systemdUnits())]);
      default:
        return [];
    }
  }

  async providers(): Promise<string[]> {
    return unique(this.#ocfFolders.flatMap((folder) => folders(folder)));
  }

  /** The meta-data document, or null where there is no such agent or it has none. */
  async metadata(agentClass: string, provider: string | null, type: string): Promise<string | null> {
    const path = this.#path(agentClass, provider, type);
    if (path === null) return null;
    const args = agentClass === 'stonith' ? ['-o', 'metadata'] : ['meta-data'];
    const { execFile } = await import('node:child_process');
    return new Promise((resolve) => {
      const env = { ...this.#env, OCF_ROOT: this.#env.OCF_ROOT || '/usr/lib/ocf' } as NodeJS.ProcessEnv;
      execFile(path, args, { env, timeout: 15_000, maxBuffer: 4 * 1024 * 1024 }, (error, stdout) =>
        resolve(error && stdout === '' ? null : stdout),
      );
    });
  }

  /** The program of an agent; null where there is none. */
  #path(agentClass: string, provider: string | null, type: string): string | null {
    if (type.includes('/')) return null;
    const candidates =
      agentClass === 'ocf'
        ? this.#ocfFolders.map((folder) => join(folder, provider ?? 'heartbeat', type))
        : agentClass === 'stonith'
          ? this.#fenceFolders.map((folder) => join(folder, type))
          : [];
    return candidates.find((path) => existsSync(path)) ?? null;
  }

  programOf(agentClass: string, provider: string | null, type: string): string | null {
    return agentClass === 'lsb' ? join('/etc/init.d', type) : this.#path(agentClass, provider, type);
  }
}

/** Programs called fence_* that are no fence devices (Pacemaker leaves them out, too). */
const NO_DEVICES = new Set([
  'fence_ack_manual',
  'fence_check',
  'fence_kdump_send',
  'fence_legacy',
  'fence_na',
  'fence_node',
  'fence_nss_wrapper',
  'fence_pcmk',
  'fence_sanlockd',
  'fence_tool',
  'fence_virtd',
  'fence_vmware_helper',
]);

function programs(folder: string): string[] {
  try {
    return readdirSync(folder).filter((name) => {
      const status = statSync(join(folder, name), { throwIfNoEntry: false });
      return status?.isFile() === true && (status.mode & 0o111) !== 0;
    });
  } catch {
    return [];
  }
}

function folders(folder: string): string[] {
  try {
    // A provider's folder may be a link to where its package is.
    return readdirSync(folder).filter(
      (name) =>
        !name.startsWith('.') &&
        statSync(join(folder, name), { throwIfNoEntry: false })?.isDirectory() === true,
    );
  } catch {
    return [];
  }
}

async function systemdUnits(): Promise<string[]> {
  const { execFile } = await import('node:child_process');
  return new Promise((resolve) => {
    const args = ['list-unit-files', '--type=service', '--no-legend', '--no-pager'];
    execFile('systemctl', args, { timeout: 5000 }, (error, stdout) => {
      const names = stdout.split('\n').flatMap((line) => /^(\S+)\.service\s/.exec(line)?.[1] ?? []);
      resolve(error && names.length === 0 ? [] : names.sort());
    });
  });
}

function unique(names: readonly string[]): string[] {
  return [...new Set(names)].sort();
}
