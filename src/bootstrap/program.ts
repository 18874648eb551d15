import { spawn } from 'node:child_process';
import { createReadStream, existsSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, sep } from 'node:path';
import { createGzip } from 'node:zlib';
import { shellQuote } from '../ssh/shell-quote.js';
import { type Facts, nodeFits } from './inspect.js';
import type { Machine } from './machine.js';
import { INSTALLED, UNIT } from './places.js';

/** The program that runs here, as it can be carried to other machines. */
export interface OwnProgram {
  /** The folder with `bin/`, `lib/` and `package.json`. */
  readonly folder: string;
  /** Tells builds apart; empty where the folder does not say. */
  readonly build: string;
}

/** Null where this process was not started from a built program. */
export function ownProgram(entry: string = process.argv[1] ?? ''): OwnProgram | null {
  try {
    const folder = dirname(dirname(realpathSync(entry)));
    if (!existsSync(join(folder, 'bin/quorated'))) return null;
    const { build } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { build?: string };
    return { folder, build: build ?? '' };
  } catch {
    return null;
  }
}

/** Where a machine has this very build; null where it has to be installed. */
export function placeOfProgram({ programs, node }: Facts, own: OwnProgram): string | null {
  if (own.build === '') return null;
  for (const [place, build] of programs) {
    // What is installed has a runtime of its own where there is no Node.
    if (build === own.build && (place === INSTALLED || (node && nodeFits(node.version)))) return place;
  }
  return null;
}

/** Packages that the program loads as they are: the full-screen monitor's. */
const PACKAGES = ['blessed', 'blessed-contrib', 'sparkline'];

/** The program as a compressed archive, with the packages that it loads from `node_modules`. */
export function packProgram({ folder }: OwnProgram): Promise<Buffer> {
  const args = [
    '-czhf',
    '-',
    '--exclude',
    'demo',
    '--exclude',
    'blessed/test',
    '--exclude',
    'blessed/example',
  ];
  args.push('-C', folder, 'bin', 'lib', 'package.json');
  args.push(...['resource-agents', 'systemd', 'usr'].filter((name) => existsSync(join(folder, name))));
  const require = createRequire(join(folder, 'bin/crm'));
  for (const name of PACKAGES) {
    const place = packageFolder(require, name);
    if (place) args.push('-C', place.slice(0, -`node_modules/${name}`.length), `node_modules/${name}`);
  }
  return output('tar', args);
}

/** `.../node_modules/NAME`, or null where it is not installed: the full screen is then left out. */
function packageFolder(require: NodeJS.Require, name: string): string | null {
  for (const place of require.resolve.paths(name) ?? []) {
    const folder = join(place, name);
    if (folder.endsWith(`${sep}node_modules${sep}${name}`) && existsSync(join(folder, 'package.json')))
      return folder;
  }
  return null;
}

/** The Node that runs this process, compressed. */
export function packRuntime(path: string = process.execPath): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    createReadStream(path)
      .on('error', reject)
      .pipe(createGzip({ level: 3 }))
      .on('data', (chunk: Buffer) => chunks.push(chunk))
      .on('error', reject)
      .on('end', () => resolve(Buffer.concat(chunks)));
  });
}

function output(program: string, args: readonly string[]): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    const chunks: Buffer[] = [];
    let errors = '';
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      errors += text;
    });
    child.on('error', reject);
    child.on('close', (code) =>
      code === 0 ? resolve(Buffer.concat(chunks)) : reject(new Error(errors.trim() || `${program}: ${code}`)),
    );
  });
}

/** Archives that are made once for all machines, and only if one of them needs it. */
export class Luggage {
  readonly own: OwnProgram;
  #program: Promise<Buffer> | null = null;
  #runtime: Promise<Buffer> | null = null;

  constructor(own: OwnProgram) {
    this.own = own;
  }

  program(): Promise<Buffer> {
    this.#program ??= packProgram(this.own);
    return this.#program;
  }

  runtime(): Promise<Buffer> {
    this.#runtime ??= packRuntime();
    return this.#runtime;
  }
}

/** What `uname -sm` says here. */
function ownPlatform(): string {
  const machine = { x64: 'x86_64', arm64: 'aarch64', s390x: 's390x', ppc64: 'ppc64le' }[
    process.arch as string
  ];
  return `${process.platform === 'linux' ? 'Linux' : process.platform} ${machine ?? process.arch}`;
}

/** Speaks against installing there what this machine has to give; null where nothing does. */
export function installObjection(machine: Machine, facts: Facts): string | null {
  if (facts.node && nodeFits(facts.node.version)) return null;
  const has = facts.node ? `Node ${facts.node.version}` : 'no Node';
  const install = `install Node 20.19 or later there`;
  if (facts.platform !== ownPlatform())
    return `${machine.name} has ${has}, and this machine's (${ownPlatform()}) cannot run on ${facts.platform}: ${install}`;
  if (!statSync(process.execPath).isFile()) return `${machine.name} has ${has}: ${install}`;
  return null;
}

/**
 * Installs the program, with a Node runtime where none fits: beside what is there, then put in its place. Executables
 * are linked into /usr/local/bin but where a command of that name is there already.
 *
 * @returns a sentence where it failed; nothing is then left there
 */
export async function installProgram(
  machine: Machine,
  facts: Facts,
  luggage: Luggage,
  say: (text: string) => void,
): Promise<string | null> {
  const staging = `${INSTALLED}.new`;
  const fail = async (why: string): Promise<string> => {
    await machine.run(`rm -rf ${staging}`);
    return `cannot install the program on ${machine.name}: ${why}`;
  };
  const step = async (script: string, stdin?: Buffer): Promise<string | null> => {
    const ran = await machine.run(`set -e\numask 022\n${script}`, stdin === undefined ? {} : { stdin });
    if (!ran.ok) return ran.error.message;
    return ran.value.code === 0
      ? null
      : (ran.value.stderr.trim().split('\n').at(-1) ?? `exit ${ran.value.code}`);
  };
  let problem = await step(
    `rm -rf ${staging}; mkdir -p ${staging}; tar -xzf - --no-same-owner -C ${staging}`,
    await luggage.program(),
  );
  if (problem) return fail(problem);
  const ownRuntime = !(facts.node && nodeFits(facts.node.version));
  // The runtime that an earlier installation brought is the host's, too, but goes with its folder.
  const brought = facts.node?.path.startsWith(`${INSTALLED}/`) ?? false;
  if (brought) {
    problem = await step(`mkdir ${staging}/runtime; cp -p ${INSTALLED}/runtime/node ${staging}/runtime/node`);
  } else if (ownRuntime) {
    say('bringing a Node runtime along');
    const script = `mkdir ${staging}/runtime; gzip -dc >${staging}/runtime/node; chmod 755 ${staging}/runtime/node
${staging}/runtime/node -e 'process.exit(0)'`;
    problem = await step(script, await luggage.runtime());
    if (problem) problem = `the Node of this machine does not run there: ${problem}`;
  }
  if (problem) return fail(problem);
  const interpreter = ownRuntime || brought ? `${INSTALLED}/runtime/node` : facts.node!.path;
  problem = await step(`
sed -i "1s|^#!.*|#!${interpreter}|" ${staging}/bin/*
rm -rf ${INSTALLED}.old
[ ! -d ${INSTALLED} ] || mv ${INSTALLED} ${INSTALLED}.old
mv ${staging} ${INSTALLED}
rm -rf ${INSTALLED}.old
mkdir -p /usr/local/bin
for program in ${INSTALLED}/bin/*; do
  [ -x "$program" ] || continue
  name=\${program##*/}
  there=$(PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin command -v "$name" || true)
  if [ -z "$there" ] || [ "$(readlink "$there" || true)" = "$program" ]; then ln -sf "$program" "/usr/local/bin/$name"; fi
done`);
  if (problem) return fail(problem);
  if (facts.systemd) {
    problem = await step(
      `cp ${INSTALLED}/systemd/${UNIT} /etc/systemd/system/${UNIT}; systemctl daemon-reload`,
    );
    if (problem) return fail(problem);
  }
  return null;
}

/** Takes an installation back, with its links and its unit. */
export async function uninstallProgram(machine: Machine): Promise<void> {
  await machine.run(`
for link in /usr/local/bin/*; do
  case $(readlink "$link") in ${INSTALLED}/*) rm -f "$link" ;; esac
done
rm -rf ${INSTALLED} ${INSTALLED}.new
if [ -f /etc/systemd/system/${UNIT} ]; then
  rm -f ${shellQuote(`/etc/systemd/system/${UNIT}`)}
  systemctl daemon-reload
fi`);
}
