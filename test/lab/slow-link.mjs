/**
 * A slow link, as ssh_config's ProxyCommand: `node slow-link.mjs HOST PORT DELAY_MS BITS_PER_S LOG`. What passes is held up in
 * each direction; how often the client has spoken after it was spoken to (round trips), and how many bytes came and went,
 * is appended to LOG as a line when the connection ends.
 */
import { appendFileSync } from 'node:fs';
import { connect } from 'node:net';

const [host, port, delayMs, bitsPerSecond, log] = process.argv.slice(2);

/** Passes chunks on in order, each after the delay and not faster than the link. */
function slowed(from, to, passed) {
  let freeAtMs = 0;
  let before = Promise.resolve();
  from.on('data', (chunk) => {
    freeAtMs = Math.max(performance.now(), freeAtMs) + (chunk.length * 8000) / Number(bitsPerSecond);
    const dueMs = freeAtMs + Number(delayMs);
    before = before.then(async () => {
      await new Promise((resolve) => setTimeout(resolve, dueMs - performance.now()));
      passed(chunk.length);
      to.write(chunk);
    });
  });
  from.on('end', () => void before.then(() => to.end()));
}

let roundTrips = 0;
let listening = false;
const bytes = { up: 0, down: 0 };
const socket = connect({ host, port: Number(port) }, () => {
  slowed(process.stdin, socket, (length) => {
    bytes.up += length;
    listening = true;
  });
  slowed(socket, process.stdout, (length) => {
    bytes.down += length;
    if (listening) roundTrips++;
    listening = false;
  });
});
socket.on('error', () => process.exit(1));
process.on('exit', () => appendFileSync(log, `${JSON.stringify({ roundTrips, ...bytes })}\n`));
for (const signal of ['SIGTERM', 'SIGHUP', 'SIGINT']) process.on(signal, () => process.exit(0));
socket.on('close', () => process.exit(0));
