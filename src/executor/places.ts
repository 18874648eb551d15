/** Where agents of each class are found, and what they get from the host; settled once at start. */
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { SECRETS_FOLDER } from '../cib/secrets.js';

export interface Places {
  /** Directories that hold `PROVIDER/TYPE`; the first that has an agent wins. */
  readonly ocfAgents: readonly string[];
  /** `OCF_ROOT` as agents see it: where `lib/heartbeat/ocf-shellfuncs` is. */
  readonly ocfRoot: string;
  readonly initScripts: string;
  /** Version 1 scripts with positional arguments, searched in this order (ha.cf(5), haresources). */
  readonly heartbeatScripts: readonly string[];
  readonly fenceAgents: readonly string[];
  readonly nagiosPlugins: string;
  readonly nagiosMetadata: string;
  /** Our own command line tools; first on the agents' PATH. Null where they are not built. */
  readonly tools: string | null;
  /** `HA_RSCTMP`: emptied when the node boots. */
  readonly resourceTemporary: string;
  /** Holds `RESOURCE/PARAMETER` files (secrets.ts). */
  readonly secrets: string;
  /** `$QUORATE_ROOT`, or the empty string. */
  readonly root: string;
}

export interface PlacesOptions {
  /** All paths of the host are below it, and below the host's own where agents are only read. Default: none. */
  readonly root?: string;
  /** Directory of our executables (`dist/bin`). */
  readonly tools?: string;
  /** Directory of the agents that we ship (`dist/resource-agents`). */
  readonly shippedAgents?: string;
  readonly environment?: Readonly<Record<string, string | undefined>>;
}

export function findPlaces(options: PlacesOptions = {}): Places {
  const environment = options.environment ?? process.env;
  const root = options.root ?? '';
  const ocfRoot = environment.OCF_ROOT || '/usr/lib/ocf';
  const ownOcfRoot = join(root, '/usr/lib/ocf');
  const ocfAgents = [
    ...(root === '' ? [] : [join(ownOcfRoot, 'resource.d')]),
    join(ocfRoot, 'resource.d'),
    ...(options.shippedAgents === undefined ? [] : [join(options.shippedAgents, 'ocf')]),
  ];
  const ownFunctions = root !== '' && existsSync(join(ownOcfRoot, 'lib/heartbeat/ocf-shellfuncs'));
  return {
    ocfAgents,
    ocfRoot: ownFunctions ? ownOcfRoot : ocfRoot,
    initScripts: preferRoot(root, '/etc/init.d'),
    heartbeatScripts: [preferRoot(root, '/etc/ha.d/resource.d'), preferRoot(root, '/etc/init.d')],
    fenceAgents: [
      ...(root === '' ? [] : [join(root, '/usr/sbin')]),
      '/usr/sbin',
      ...(options.shippedAgents === undefined ? [] : [join(options.shippedAgents, 'stonith')]),
    ],
    nagiosPlugins: preferRoot(root, '/usr/lib/nagios/plugins'),
    nagiosMetadata: preferRoot(root, '/usr/share/nagios/plugins-metadata'),
    tools: options.tools ?? null,
    resourceTemporary: root === '' ? '/run/resource-agents' : join(root, '/run/resource-agents'),
    secrets: join(root, SECRETS_FOLDER),
    root,
  };
}

function preferRoot(root: string, path: string): string {
  const below = join(root, path);
  return root !== '' && existsSync(below) ? below : path;
}

/** First of the directories that has the file; undefined where none has. */
export function findFile(directories: readonly string[], name: string): string | undefined {
  return directories.map((directory) => join(directory, name)).find((path) => existsSync(path));
}

/** Names of executable files in the directories, sorted, each once; hidden files are left out. */
export function listExecutables(directories: readonly string[]): string[] {
  const names = new Set<string>();
  for (const directory of directories) {
    for (const name of listNames(directory)) {
      if (name.startsWith('.')) continue;
      try {
        const found = statSync(join(directory, name));
        if (found.isFile() && (found.mode & 0o111) !== 0) names.add(name);
      } catch {
        // A dangling link is no agent.
      }
    }
  }
  return [...names].sort();
}

/** Names of directories below the given ones, sorted, each once. */
export function listDirectories(directories: readonly string[]): string[] {
  const names = new Set<string>();
  for (const directory of directories) {
    for (const name of listNames(directory)) {
      if (name.startsWith('.')) continue;
      try {
        if (statSync(join(directory, name)).isDirectory()) names.add(name);
      } catch {
        // Vanished meanwhile.
      }
    }
  }
  return [...names].sort();
}

function listNames(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}
