/**
 * A stand-in for the kernel's IP Virtual Server of one host, where the kernel has none: a table of virtual services, kept
 * in a file, and the forwarding that it asks for, as a proxy for TCP (a connection's server is chosen in turn, by weight).
 *
 *   node node.mjs TABLE.json
 *
 * `ipvsadm` beside this sends its arguments as a line to 127.0.0.1:7791; the answer's first line is the exit code.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { createInterface } from 'node:readline';

const file = process.argv[2];
/** [{ address, scheduler, servers: [{ address, method, weight }] }] */
let table = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : [];
const listeners = new Map();
let turn = 0;

function choose(service) {
  const turns = service.servers.flatMap((server) => Array.from({ length: server.weight }, () => server));
  return turns[turn++ % turns.length];
}

/** One listener for each port; which service a connection is for is said by the address that it came to. */
function listen() {
  for (const { address } of table) {
    const port = Number(address.split(':')[1]);
    if (listeners.has(port)) continue;
    const server = createServer((client) => {
      client.on('error', () => client.destroy());
      const wanted = `${client.localAddress.replace(/^::ffff:/, '')}:${port}`;
      const service = table.find((each) => each.address === wanted);
      const target = service && choose(service);
      if (!target) {
        client.resetAndDestroy();
        return;
      }
      const [host, realPort] = target.address.split(':');
      const real = connect(Number(realPort), host);
      real.on('error', () => client.destroy());
      client.pipe(real).pipe(client);
    });
    server.on('error', () => listeners.delete(port));
    server.listen(port, '0.0.0.0');
    listeners.set(port, server);
  }
  for (const [port, server] of listeners) {
    if (table.some(({ address }) => address.endsWith(`:${port}`))) continue;
    server.close();
    listeners.delete(port);
  }
}

function save() {
  writeFileSync(file, JSON.stringify(table, null, 1));
  listen();
}

const METHOD = { '-g': 'Route', '-i': 'Tunnel', '-m': 'Masq' };

function print(thresholds) {
  const lines = ['IP Virtual Server version 1.2.1 (size=4096)', 'Prot LocalAddress:Port Scheduler Flags'];
  lines.push(
    thresholds
      ? '  -> RemoteAddress:Port           Uthreshold Lthreshold ActiveConn InActConn'
      : '  -> RemoteAddress:Port           Forward Weight ActiveConn InActConn',
  );
  for (const { address, scheduler, servers } of table) {
    lines.push(`TCP  ${address} ${scheduler}`);
    for (const server of servers) {
      const columns = thresholds
        ? ['0'.padEnd(10), '0'.padEnd(10)]
        : [server.method.padEnd(7), String(server.weight).padEnd(6)];
      lines.push(`  -> ${server.address.padEnd(28)} ${columns.join(' ')} 0          0`);
    }
  }
  return `${lines.join('\n')}\n`;
}

function perform(words) {
  const value = (option) => {
    const at = words.indexOf(option);
    return at < 0 ? undefined : words[at + 1];
  };
  const has = (option) => words.includes(option);
  if (has('-L')) return [0, print(has('--thresholds'))];
  if (has('-C')) {
    table = [];
    save();
    return [0, ''];
  }
  const address = value('-t');
  if (address === undefined) return [2, 'stand-in: only -t is known'];
  const service = table.find((each) => each.address === address);
  if (has('-A') || has('-E')) {
    if (has('-A') && service) return [255, 'Service already exists'];
    if (service) service.scheduler = value('-s') ?? 'wlc';
    else table.push({ address, scheduler: value('-s') ?? 'wlc', servers: [] });
  } else if (!service) return [255, 'No such service'];
  else if (has('-D')) table = table.filter((each) => each !== service);
  else {
    const real = value('-r');
    const known = service.servers.find((each) => each.address === real);
    const method = Object.entries(METHOD).find(([option]) => has(option))?.[1] ?? 'Route';
    const weight = Number(value('-w') ?? 1);
    if (has('-a')) {
      if (known) return [255, 'Destination already exists'];
      service.servers.push({ address: real, method, weight });
    } else if (!known) return [255, 'No such destination'];
    else if (has('-d')) service.servers = service.servers.filter((each) => each !== known);
    else Object.assign(known, { method, weight });
  }
  save();
  return [0, ''];
}

listen();
createServer((socket) => {
  socket.on('error', () => {});
  createInterface({ input: socket }).once('line', (line) => {
    const [code, text] = perform(line.trim().split(/\s+/));
    socket.end(`${code}\n${text}`);
  });
}).listen(7791, '127.0.0.1', () => process.stdout.write('ready\n'));
