import { shellQuote } from '../ssh/shell-quote.js';
import type { Machine } from './machine.js';

/** A node to be, as the others shall hear it. */
export interface Station {
  readonly machine: Machine;
  readonly name: string;
  /** One for each link. */
  readonly addresses: readonly string[];
  /** Node on that machine. */
  readonly node: string;
}

/** Everybody must have been heard by then. */
const LISTEN_MS = 4000;

/**
 * Run on every machine at once: sends a datagram with what it has heard to every other each 50 ms, listens for
 * TCP as the agents will, and ends when everybody has heard it (or time is over). Prints what did not arrive.
 */
const PROBE = `
const [port, self, limitMs, ...all] = JSON.parse(process.argv[1]);
const dgram = require('node:dgram'), net = require('node:net');
const silent = new Set(), deaf = new Set(), closed = new Set(), problems = [];
const open = [];
for (const peer of all) if (peer.name !== self.name) for (let link = 0; link < self.addresses.length; link++) {
  const key = peer.name + ' ' + peer.addresses[link];
  silent.add(key); deaf.add(key); closed.add(key);
}
const finish = () => {
  console.log(JSON.stringify({ silent: [...silent], closed: [...closed], problems }));
  process.exit(0);
};
self.addresses.forEach((address, link) => {
  const family = address.includes(':') ? 'udp6' : 'udp4';
  const socket = dgram.createSocket(family);
  socket.on('error', (error) => { problems.push('UDP port ' + (port + link) + ' of ' + address + ': ' + error.code); });
  socket.on('message', (text) => {
    let said; try { said = JSON.parse(text); } catch { return; }
    const key = said.name + ' ' + said.address;
    silent.delete(key);
    if (!said.silent.includes(self.name + ' ' + address)) deaf.delete(key);
  });
  socket.bind(port + link, address, () => open.push(setInterval(() => {
    const text = JSON.stringify({ name: self.name, address, silent: [...silent] });
    for (const peer of all) if (peer.name !== self.name) socket.send(text, port + link, peer.addresses[link], () => {});
  }, 50)));
  const server = net.createServer((peer) => peer.on('error', () => {}).end());
  server.on('error', (error) => { problems.push('TCP port ' + (port + link) + ' of ' + address + ': ' + error.code); });
  server.listen(port + link, address);
  const dial = (peer) => {
    const socket = net.connect({ host: peer.addresses[link], port: port + link, localAddress: address });
    socket.on('connect', () => { closed.delete(peer.name + ' ' + peer.addresses[link]); socket.destroy(); });
    socket.on('error', () => setTimeout(dial, 100, peer));
  };
  for (const peer of all) if (peer.name !== self.name) dial(peer);
});
let calm = 0;
setInterval(() => {
  if (problems.length > 0) finish();
  // A little longer than needed, so that those who are later hear of it.
  if (silent.size + deaf.size + closed.size === 0 && ++calm > 6) finish();
}, 50);
setTimeout(finish, limitMs);
`;

interface Heard {
  readonly silent: readonly string[];
  readonly closed: readonly string[];
  readonly problems: readonly string[];
}

/**
 * Tries whether the machines hear each other, each way, on the ports that the agents will use.
 *
 * @returns what is wrong, a line each
 */
export async function probeReach(
  stations: readonly Station[],
  port: number,
  firewalls: (machine: Machine) => readonly string[],
): Promise<string[]> {
  const all = stations.map(({ name, addresses }) => ({ name, addresses }));
  const answers = await Promise.all(
    stations.map(async ({ machine, name, addresses, node }): Promise<Heard | string> => {
      const given = JSON.stringify([port, { name, addresses }, LISTEN_MS, ...all]);
      const command = `${shellQuote(node)} -e ${shellQuote(PROBE)} ${shellQuote(given)}`;
      const ran = await machine.run(command, { timeoutMs: LISTEN_MS + 30_000 });
      if (!ran.ok) return ran.error.message;
      try {
        return JSON.parse(ran.value.stdout) as Heard;
      } catch {
        return `${machine.name} cannot try the network: ${ran.value.stderr.trim()}`;
      }
    }),
  );
  const findings: string[] = [];
  const why = (names: readonly string[]): string => {
    const walls = stations
      .filter(({ name }) => names.includes(name))
      .flatMap(({ machine, name }) => firewalls(machine).map((wall) => `${wall} on ${name}`));
    return walls.length > 0 ? `is it ${walls.join(' or ')}?` : 'does a firewall stand in between?';
  };
  for (const [index, answer] of answers.entries()) {
    const { name } = stations[index]!;
    if (typeof answer === 'string') {
      findings.push(answer);
      continue;
    }
    for (const problem of answer.problems) findings.push(`${name} cannot use ${problem}`);
    const place = (key: string): string => {
      const [peer, address] = key.split(' ');
      const link = stations.find((station) => station.name === peer)?.addresses.indexOf(address ?? '') ?? 0;
      return `port ${port + Math.max(0, link)} (${address})`;
    };
    for (const key of answer.silent) {
      const [peer = ''] = key.split(' ');
      findings.push(`${name} does not hear ${peer} on UDP ${place(key)}: ${why([name, peer])}`);
    }
    for (const key of answer.closed) {
      const [peer = ''] = key.split(' ');
      if (answer.silent.includes(key)) continue;
      findings.push(`${name} cannot connect to ${peer} on TCP ${place(key)}: ${why([name, peer])}`);
    }
  }
  return findings;
}
