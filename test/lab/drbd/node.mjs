/**
 * A stand-in for the DRBD kernel module of one host: one resource, its role, its connection to the peer's stand-in over
 * the network, the state of its disk, and generations by which a split brain is found (as DRBD 8.4's UUIDs).
 *
 * While the two are connected, one file is the disk of both, so that every write is on both at once (protocol C). A
 * secondary that loses its peer takes a copy at that moment, which is what it would have; a primary goes on with its
 * own. Only the primary's device can be opened: /dev/drbd1 has the numbers of a loop device there, and those of no driver
 * elsewhere (the host must have a /dev of its own).
 *
 *   node node.mjs '{"name": "drbd0", "host": ..., "address": ..., "peer": ..., "shared": DIR}'
 *
 * Commands come as a line on 127.0.0.1:7790 (see the shell scripts beside this); the answer's first line is the exit code.
 */
import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as passed } from 'node:timers/promises';

const { name, host, address, peer, shared } = JSON.parse(process.argv[2]);
const DEVICE = '/dev/drbd1';
const PEER_PORT = 7789;
const COMMAND_PORT = 7790;
/** DRBD's ping-int and ping-timeout, shorter; not so short that a busy machine loses the connection. */
const PING_MS = 100;
const LOST_MS = 1500;
const META = '/var/lib/drbd/stand-in.json';

/** What survives a crash: DRBD's meta-data. */
let meta = { generation: 'first', history: [], disk: 'UpToDate', image: join(shared, 'first.img') };
if (existsSync(META)) meta = JSON.parse(readFileSync(META, 'utf8'));
let configured = false;
let role = 'Secondary';
/** StandAlone, WFConnection or Connected. */
let connection = 'StandAlone';
/** What the peer last said. */
let other = null;
let otherAtMs = 0;
let loop = null;

function log(text) {
  process.stdout.write(`${host}: ${text}\n`);
}

function save() {
  mkdirSync('/var/lib/drbd', { recursive: true });
  writeFileSync(META, JSON.stringify(meta));
}

function newGeneration() {
  meta.history = [meta.generation, ...meta.history];
  meta.generation = `${host}-${Date.now()}`;
  save();
}

function run(...command) {
  return execFileSync(command[0], command.slice(1), {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  }).trim();
}

/** Gives /dev/drbd1 the numbers of that device, else those of DRBD, which no driver answers to. */
function device(path) {
  const [major, minor] = path === null ? ['147', '1'] : ['7', path.replace(/\D+/, '')];
  rmSync(DEVICE, { force: true });
  run('mknod', DEVICE, 'b', major, minor);
}

/** Finding a free loop device and taking it are two steps, between which another process of the machine may take it. */
function attachLoop(image) {
  for (let attempt = 1; ; attempt++) {
    try {
      return run('losetup', '--find', '--show', image);
    } catch (error) {
      if (attempt === 10) throw error;
    }
  }
}

function lostPeer(why) {
  if (connection !== 'Connected') return;
  connection = 'WFConnection';
  other = null;
  log(`connection to the peer lost: ${why}`);
  if (role === 'Primary') newGeneration();
  else {
    const copy = join(shared, `${host}-${Date.now()}.img`);
    copyFileSync(meta.image, copy);
    meta.image = copy;
    save();
  }
}

/** The handshake: same generation, one older than the other, or both with writes that the other has not seen. */
function handshake(theirs) {
  if (theirs.generation === meta.generation) {
    // Who writes has the disk of both; where nobody does, both took copies of the same.
    if (theirs.role === 'Primary') meta.image = theirs.image;
    else if (role !== 'Primary' && theirs.image < meta.image) meta.image = theirs.image;
    if (meta.disk !== 'Inconsistent') meta.disk = 'UpToDate';
  } else if (theirs.history.includes(meta.generation)) {
    if (role === 'Primary') return splitBrain();
    log('the peer has newer data: resynchronised from it');
    Object.assign(meta, {
      generation: theirs.generation,
      history: theirs.history,
      image: theirs.image,
      disk: 'UpToDate',
    });
  } else if (!meta.history.includes(theirs.generation)) return splitBrain();
  connection = 'Connected';
  save();
  log(`connected, ${role}/${theirs.role}`);
}

function splitBrain() {
  connection = 'StandAlone';
  other = null;
  log('Split-Brain detected, dropping connection!');
}

function heard(theirs) {
  // What was on its way while the cable was cut says nothing about now.
  if (Date.now() - theirs.atMs > LOST_MS) return;
  otherAtMs = Date.now();
  if (!configured || connection === 'StandAlone') return;
  if (!theirs.wants) {
    lostPeer('it has disconnected');
    return;
  }
  other = theirs;
  if (connection === 'WFConnection') handshake(theirs);
}

const ownState = () => ({
  atMs: Date.now(),
  role,
  generation: meta.generation,
  history: meta.history,
  image: meta.image,
  disk: meta.disk,
  wants: configured && connection !== 'StandAlone',
});

/** Each sends its state to the other, all the time. */
function talk() {
  const socket = connect({ host: peer, port: PEER_PORT, localAddress: address });
  const timer = setInterval(() => socket.write(`${JSON.stringify(ownState())}\n`), PING_MS);
  const end = () => {
    clearInterval(timer);
    socket.destroy();
  };
  socket.setTimeout(LOST_MS * 4, end);
  socket.on('error', end);
  socket.on('close', () => {
    end();
    setTimeout(talk, PING_MS);
  });
}

setInterval(() => {
  if (connection === 'Connected' && Date.now() - otherAtMs > LOST_MS)
    lostPeer('PingAck did not arrive in time');
}, PING_MS / 2);

/**
 * DRBD asks a peer that it takes for the primary, and waits for the answer: one that has just died gives none. Any word said
 * after the question is an answer here.
 */
async function peerIsPrimary() {
  const askedAtMs = Date.now();
  while (connection === 'Connected' && other?.role === 'Primary') {
    if (other.atMs > askedAtMs) return true;
    await passed(PING_MS / 2);
  }
  return false;
}

async function primary(force) {
  if (!configured) return [10, 'not configured'];
  if (role === 'Primary') return [0, ''];
  if (await peerIsPrimary()) {
    return [11, `${name}: State change failed: (-1) Multiple primaries not allowed by config`];
  }
  if (meta.disk !== 'UpToDate' && !force && !(connection === 'Connected' && other?.disk === 'UpToDate')) {
    return [17, `${name}: State change failed: (-2) Need access to UpToDate data`];
  }
  loop = attachLoop(meta.image);
  device(loop);
  role = 'Primary';
  if (connection !== 'Connected') newGeneration();
  log(`Primary (${connection})`);
  return [0, ''];
}

function secondary() {
  if (role === 'Secondary') return [0, ''];
  const mounts = readFileSync('/proc/mounts', 'utf8').split('\n');
  if (mounts.some((line) => line.startsWith(`${DEVICE} `) || line.startsWith(`${loop} `)))
    return [11, `${name}: State change failed: (-12) Device is held open by someone`];
  device(null);
  run('losetup', '-d', loop);
  loop = null;
  role = 'Secondary';
  log('Secondary');
  return [0, ''];
}

function down() {
  const [code, text] = secondary();
  if (code !== 0) return [code, text];
  configured = false;
  connection = 'StandAlone';
  other = null;
  return [0, ''];
}

function connectNow(discard) {
  if (!configured) return [10, 'not configured'];
  if (discard) {
    if (role === 'Primary') return [11, 'a Primary cannot discard its data'];
    meta.generation = meta.history.at(-1) ?? meta.generation;
    meta.history = [];
    save();
  }
  if (connection === 'StandAlone') connection = 'WFConnection';
  return [0, ''];
}

function status() {
  const peerRole = connection === 'Connected' ? (other?.role ?? 'Unknown') : 'Unknown';
  const peerDisk = connection === 'Connected' ? (other?.disk ?? 'DUnknown') : 'DUnknown';
  return { peerRole, peerDisk };
}

const commands = {
  'sh-dev': () => [0, DEVICE],
  'sh-minor': () => [0, '1'],
  'sh-mod-parms': () => [0, ''],
  role: () => [0, configured ? `${role}/${status().peerRole}` : 'Unconfigured'],
  cstate: () => [0, configured ? connection : 'Unconfigured'],
  dstate: () => [0, configured ? `${meta.disk}/${status().peerDisk}` : 'Unconfigured'],
  'sh-status': () => {
    if (!configured)
      return [0, `_minor=1\n_res_name=${name}\n_known=Unconfigured\n_role=\n_sh_status_process`];
    const { peerRole, peerDisk } = status();
    return [
      0,
      `_minor=1\n_res_name=${name}\n_volume=0\n_known=Configured\n_cstate=${connection}\n_role=${role}\n` +
        `_peer=${peerRole}\n_disk=${meta.disk}\n_pdsk=${peerDisk}\n_sh_status_process`,
    ];
  },
  'new-resource': () => [0, ''],
  'new-minor': () => [0, ''],
  'check-resize': () => [0, ''],
  attach: () => {
    configured = true;
    return [0, ''];
  },
  up: () => {
    configured = true;
    return connectNow(false);
  },
  adjust: () =>
    connection === 'StandAlone' && configured && !existsSync('/run/drbd/stay-alone')
      ? connectNow(false)
      : [0, ''],
  connect: (options) => connectNow(options.includes('--discard-my-data')),
  disconnect: () => {
    lostPeer('asked to');
    connection = 'StandAlone';
    return [0, ''];
  },
  'wait-connect': () => [connection === 'Connected' ? 0 : 5, ''],
  primary: (options) => primary(options.includes('--force')),
  secondary,
  outdate: () => {
    if (role === 'Primary') return [17, 'a Primary is not outdated'];
    meta.disk = 'Outdated';
    save();
    return [0, ''];
  },
  down,
};

createServer((socket) => {
  createInterface({ input: socket }).on('line', (line) => {
    try {
      heard(JSON.parse(line));
    } catch {
      socket.destroy();
    }
  });
  socket.on('error', () => {});
}).listen(PEER_PORT, address);

createServer((socket) => {
  socket.on('error', () => {});
  createInterface({ input: socket }).once('line', async (line) => {
    const words = line.trim().split(/\s+/);
    const options = words.filter((word) => word.startsWith('-'));
    const [command, resource] = words.filter((word) => !word.startsWith('-'));
    const perform = commands[command];
    let answer;
    try {
      if (!perform) answer = [20, `stand-in: no such command: ${command}`];
      else if (resource !== undefined && resource !== name && resource !== 'all' && resource !== DEVICE)
        answer = [10, `'${resource}' not defined in your config.`];
      else answer = await perform(options);
    } catch (error) {
      answer = [20, `stand-in: ${error.message}`];
    }
    if (answer[0] !== 0 && command !== 'wait-connect') log(`${line}: ${answer.join(' ')}`);
    socket.end(`${answer[0]}\n${answer[1]}`);
  });
}).listen(COMMAND_PORT, '127.0.0.1', () => {
  // What the agent takes for "the module is loaded".
  mkdirSync('/run/drbd', { recursive: true });
  rmSync('/run/drbd/stay-alone', { force: true });
  device(null);
  writeFileSync('/run/drbd/proc', 'version: 8.4.11 (stand-in)\n');
  log('loaded');
});
talk();
