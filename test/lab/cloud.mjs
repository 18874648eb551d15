/**
 * A stand-in for the two HTTP services of DigitalOcean that move an address: the API (`/v2/reserved_ips`,
 * `/v2/floating_ips`) and the metadata service (`/metadata/v1`), which tells droplets apart by their address.
 *
 * As a program it serves a lab, on addresses of its own on the lab's switch. Moving the address is real: it leaves one
 * host's loopback, appears on another's, and the client's route follows.
 *
 *   node cloud.mjs '{"lab": ..., "state": ..., "token": ..., "ip": ..., "api": ..., "metadata": ..., "droplets": [...]}'
 */
import { execFile } from 'node:child_process';
import { createServer } from 'node:http';
import { pathToFileURL } from 'node:url';

/**
 * @param {object} options
 * @param {string} options.ip the reserved address
 * @param {string} options.token the only token that is accepted
 * @param {readonly { id: number, name: string, address: string }[]} options.droplets
 * @param {(from: string | null, to: string | null) => Promise<void>} options.move moves the address between droplets
 * @param {number} [options.delayMs] how long a move takes (default 0)
 * @param {(line: string) => void} [options.log]
 */
export function createCloud({ ip, token, droplets, move, delayMs = 0, log = () => {} }) {
  let holder = null;
  let pending = 0;
  let actions = 0;
  let moving = Promise.resolve();
  const nameOf = (id) => droplets.find((droplet) => droplet.id === id)?.name ?? null;

  function act(body) {
    if (body.type === 'assign' && nameOf(body.droplet_id) === null) {
      return [404, { id: 'not_found', message: 'The resource you were accessing could not be found.' }];
    }
    if (body.type !== 'assign' && body.type !== 'unassign') {
      return [422, { id: 'unprocessable_entity', message: 'type must be assign or unassign' }];
    }
    if (pending > 0) {
      return [422, { id: 'unprocessable_entity', message: 'The floating IP already has a pending event.' }];
    }
    const target = body.type === 'assign' ? body.droplet_id : null;
    if (target === holder) {
      return [422, { id: 'unprocessable_entity', message: 'The floating IP is already there.' }];
    }
    pending++;
    const id = ++actions;
    const from = nameOf(holder);
    moving = moving
      .then(() => new Promise((resolve) => setTimeout(resolve, delayMs)))
      .then(() => move(from, nameOf(target)))
      .catch((error) => log(`move failed: ${error.message}`))
      .then(() => {
        holder = target;
        pending--;
        log(`${ip}: ${from ?? 'nowhere'} -> ${nameOf(target) ?? 'nowhere'}`);
      });
    const action = { id, status: 'in-progress', type: `${body.type}_ip`, resource_type: 'reserved_ip' };
    return [201, { action }];
  }

  function api(request, body) {
    if (request.headers.authorization !== `Bearer ${token}`) {
      return [401, { id: 'unauthorized', message: 'Unable to authenticate you' }];
    }
    const found = /^\/v2\/(reserved|floating)_ips\/([^/]+)(\/actions)?$/.exec(request.url);
    if (!found || found[2] !== ip) {
      return [404, { id: 'not_found', message: 'The resource you were accessing could not be found.' }];
    }
    if (found[3] && request.method === 'POST') return act(body);
    const droplet = holder === null ? null : { id: holder, name: nameOf(holder) };
    return [200, { [`${found[1]}_ip`]: { ip, droplet, region: { slug: 'lab1' }, locked: pending > 0 } }];
  }

  function metadata(request) {
    const from = request.socket.remoteAddress?.replace(/^::ffff:/, '');
    const droplet = droplets.find((each) => each.address === from);
    if (!droplet) return [404, 'not found'];
    const path = request.url.replace(/^\/metadata\/v1\//, '').replace(/^(reserved|floating)_ip\//, 'ip/');
    const has = holder === droplet.id && pending === 0;
    switch (path) {
      case 'id':
        return [200, String(droplet.id)];
      case 'hostname':
        return [200, droplet.name];
      case 'ip/ipv4/active':
        return [200, String(has)];
      case 'ip/ipv4/ip_address':
        return has ? [200, ip] : [404, 'not found'];
      default:
        return [404, 'not found'];
    }
  }

  const handler = (request, response) => {
    let text = '';
    request.on('data', (chunk) => {
      text += chunk;
    });
    request.on('end', () => {
      let body = {};
      try {
        if (text !== '') body = JSON.parse(text);
      } catch {
        response.writeHead(400).end();
        return;
      }
      const isMetadata = request.url.startsWith('/metadata/');
      const [status, answer] = isMetadata ? metadata(request) : api(request, body);
      if (!isMetadata) log(`${request.method} ${request.url} ${text} ${status}`);
      const type = isMetadata ? 'text/plain' : 'application/json';
      response.writeHead(status, { 'content-type': type });
      response.end(isMetadata ? answer : JSON.stringify(answer));
    });
  };
  return { handler, holder: () => nameOf(holder) };
}

/** Serves on these addresses, port 80 unless they say otherwise. */
export async function listen(handler, addresses) {
  const servers = await Promise.all(
    addresses.map((address) => {
      const [host, port = '80'] = address.split(':');
      const server = createServer(handler);
      return new Promise((resolve, reject) => {
        server.once('error', reject);
        server.listen(Number(port), host, () => resolve(server));
      });
    }),
  );
  return servers;
}

async function main() {
  const { lab, state, api, metadata, ...options } = JSON.parse(process.argv[2]);
  const inHost = (host, ...command) =>
    new Promise((resolve) => {
      execFile(lab, ['--state', state, 'exec', host, ...command], (error, _out, problem) =>
        resolve(error ? problem.trim() : ''),
      );
    });
  const cloud = createCloud({
    ...options,
    log: (line) => process.stdout.write(`${line}\n`),
    async move(from, to) {
      // A host that is off has lost the address with its power.
      if (from) await inHost(from, 'ip', 'addr', 'del', `${options.ip}/32`, 'dev', 'lo');
      const target = options.droplets.find((droplet) => droplet.name === to);
      if (!target) {
        await inHost('client', 'ip', 'route', 'del', `${options.ip}/32`);
        return;
      }
      await inHost(to, 'ip', 'addr', 'replace', `${options.ip}/32`, 'dev', 'lo');
      await inHost('client', 'ip', 'route', 'replace', `${options.ip}/32`, 'via', target.address);
    },
  });
  await listen(cloud.handler, [api, metadata]);
  process.stdout.write('ready\n');
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) await main();
