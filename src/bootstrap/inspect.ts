import { usableAddress } from './corosync-file.js';
import type { Machine } from './machine.js';
import { CONF, INSTALLED, UNFINISHED } from './places.js';

/** An address of a machine, with the network card that has it. */
export interface MachineAddress {
  readonly card: string;
  readonly address: string;
}

/** What is to be known of a machine before it is made a node. */
export interface Facts {
  /** Its own name, without a domain. */
  readonly name: string;
  readonly addresses: readonly MachineAddress[];
  /** It has a corosync.conf that no unfinished attempt of ours has left. */
  readonly configured: boolean;
  readonly uid: number;
  readonly clockMs: number;
  /** Daemons of other cluster software that run there. */
  readonly busy: readonly string[];
  /** Firewalls that are active: `firewalld`, `ufw`. */
  readonly firewalls: readonly string[];
  /** `Linux x86_64` */
  readonly platform: string;
  /** Node there, and its version; null where there is none. */
  readonly node: { readonly path: string; readonly version: string } | null;
  /** Our program there by place, with the build that it is. */
  readonly programs: ReadonlyMap<string, string>;
  readonly systemd: boolean;
  /** Programs that are needed to install and are not there. */
  readonly lacks: readonly string[];
  /** Free space below /usr/local in kB. */
  readonly freeKb: number;
}

/** Prints `KEY VALUE` lines. `$@`: places where our program may be. */
const INSPECT = `
PATH=$PATH:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
echo "name $(hostname)"
echo "uid $(id -u)"
echo "clock $(date +%s%3N)"
echo "platform $(uname -sm)"
[ -e ${CONF} ] && [ ! -e ${UNFINISHED} ] && echo "configured yes"
for daemon in corosync pacemakerd heartbeat; do
  pgrep -x $daemon >/dev/null 2>&1 && echo "busy $daemon"
done
[ "$(firewall-cmd --state 2>/dev/null)" = running ] && echo "firewall firewalld"
ufw status 2>/dev/null | grep -q '^Status: active' && echo "firewall ufw"
[ -d /run/systemd/system ] && echo "systemd yes"
for program in tar gzip sed; do
  command -v $program >/dev/null || echo "lacks $program"
done
for node in "$(command -v node)" ${INSTALLED}/runtime/node; do
  [ -x "$node" ] || continue
  version=$("$node" -p process.versions.node 2>/dev/null) && echo "node $version $node"
done
for place in "$@"; do
  [ -x "$place/bin/quorated" ] && [ -f "$place/package.json" ] || continue
  echo "program $(sed -n 's/.*"build": *"\\([^"]*\\)".*/\\1/p' "$place/package.json") $place"
done
echo "free $(df -Pk /usr/local 2>/dev/null | awk 'END { print $4 }')"
if command -v ip >/dev/null; then
  ip -o addr show scope global | awk '{ print "address", $2, $4 }'
else
  for address in $(hostname -I); do echo "address - $address"; done
fi
exit 0`;

/** Node versions that can run the program (package.json, engines). */
export function nodeFits(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > 20 || (major === 20 && minor >= 19);
}

/**
 * Asks a machine; a sentence where that fails.
 *
 * @param places where our program may be there, besides where it is installed
 */
export async function inspect(machine: Machine, places: readonly string[]): Promise<Facts | string> {
  const words = [INSTALLED, ...places].map((place) => `'${place.replaceAll("'", `'\\''`)}'`);
  const ran = await machine.run(`set -- ${words.join(' ')}\n${INSPECT}`);
  if (!ran.ok) return ran.error.message;
  if (ran.value.code !== 0) return `${machine.name} cannot be looked at: ${ran.value.stderr.trim()}`;
  return readFacts(ran.value.stdout);
}

/** Facts from the lines that the inspection prints. */
export function readFacts(text: string): Facts {
  const values = new Map<string, string[]>();
  for (const line of text.split('\n')) {
    const [, key = '', value = ''] = /^(\w+) (.*)$/.exec(line) ?? [];
    if (key !== '') values.set(key, [...(values.get(key) ?? []), value.trim()]);
  }
  const one = (key: string): string => values.get(key)?.[0] ?? '';
  const all = (key: string): string[] => values.get(key) ?? [];
  const split = (value: string): [string, string] => {
    const space = value.indexOf(' ');
    return space < 0 ? ['', value] : [value.slice(0, space), value.slice(space + 1)];
  };
  const nodes = all('node').map((value) => {
    const [version, path] = split(value);
    return { path, version };
  });
  return {
    name: one('name').split('.')[0]!,
    uid: Number(one('uid')),
    clockMs: Number(one('clock')),
    platform: one('platform'),
    configured: one('configured') === 'yes',
    busy: all('busy'),
    firewalls: all('firewall'),
    systemd: one('systemd') === 'yes',
    lacks: all('lacks'),
    node: nodes.find(({ version }) => nodeFits(version)) ?? nodes[0] ?? null,
    programs: new Map(all('program').map((value) => split(value).reverse() as [string, string])),
    freeKb: Number(one('free')) || Number.POSITIVE_INFINITY,
    addresses: all('address').map((value) => {
      const [card, address] = split(value);
      return { card, address: address.replace(/\/\d+$/, '') };
    }),
  };
}

/** Kilobytes that the program and a Node runtime take. */
const SPACE_KB = 150_000;
/** Clocks further apart are worth a word: rules and histories depend on them. */
const CLOCK_SKEW_MAX_MS = 5000;

/** What speaks against making nodes of these machines. */
export function objections(
  facts: ReadonlyMap<Machine, Facts>,
  options: { readonly force?: boolean; readonly taken?: readonly string[] } = {},
): string[] {
  const findings: string[] = [];
  const names = new Map<string, string>((options.taken ?? []).map((name) => [name, 'a node of the cluster']));
  for (const [machine, fact] of facts) {
    const twin = names.get(fact.name);
    if (twin !== undefined) {
      findings.push(
        `${machine.name} and ${twin} are both called '${fact.name}': give each a name of its own`,
      );
    }
    if (fact.name === '' || fact.name === 'localhost')
      findings.push(`${machine.name} calls itself '${fact.name}': give it a name with hostnamectl`);
    names.set(fact.name, machine.name);
    if (fact.uid !== 0) findings.push(`${machine.name}: this needs root there, and not uid ${fact.uid}`);
    if (fact.configured && !options.force) {
      findings.push(`${machine.name} has a ${CONF} already: it may be in a cluster; remove it, or force`);
    }
    if (fact.busy.length > 0) findings.push(`${machine.name} runs ${fact.busy.join(', ')}: stop it first`);
    if (!usableAddress(fact.addresses.map(({ address }) => address)))
      findings.push(`${machine.name} has no address that others could reach it by`);
    if (fact.lacks.length > 0)
      findings.push(`${machine.name} lacks ${fact.lacks.join(', ')}: install it there first`);
    if (fact.freeKb < SPACE_KB)
      findings.push(
        `${machine.name} has ${Math.round(fact.freeKb / 1024)} MB free below /usr/local: make room`,
      );
  }
  return findings;
}

/** Sentences about clocks that are apart, by machine. */
export function clockWarnings(facts: ReadonlyMap<Machine, Facts>): Map<Machine, string> {
  const clocks = [...facts.values()].map(({ clockMs }) => clockMs).sort((a, b) => a - b);
  const middle = clocks[Math.floor(clocks.length / 2)] ?? 0;
  const warnings = new Map<Machine, string>();
  for (const [machine, { clockMs }] of facts) {
    const seconds = Math.round(Math.abs(clockMs - middle) / 1000);
    if (seconds * 1000 > CLOCK_SKEW_MAX_MS)
      warnings.set(machine, `its clock is ${seconds} s off the others': set up NTP`);
  }
  return warnings;
}

/** Addresses for the links of a node: of the cards named, or its first. A sentence where a card has none. */
export function linkAddresses(
  machine: Machine,
  { addresses }: Facts,
  links: readonly string[],
): readonly string[] | string {
  if (links.length === 0) return [usableAddress(addresses.map(({ address }) => address))!];
  const chosen: string[] = [];
  for (const link of links) {
    const own = addresses.filter(
      ({ card, address }) => card === link || address === link || inNetwork(address, link),
    );
    const address = usableAddress(own.map((each) => each.address));
    if (address === undefined) return `${machine.name} has no address on ${link}`;
    chosen.push(address);
  }
  return chosen;
}

/** Whether an IPv4 address lies in `10.0.0.0/24`. */
function inNetwork(address: string, network: string): boolean {
  const match = /^(\d+\.\d+\.\d+\.\d+)\/(\d+)$/.exec(network);
  const number = (text: string): number => text.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
  if (!match || !/^\d+\.\d+\.\d+\.\d+$/.test(address)) return false;
  const size = 2 ** (32 - Number(match[2]));
  return Math.floor(number(address) / size) === Math.floor(number(match[1]!) / size);
}
