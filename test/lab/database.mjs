/**
 * A database as far as its clients see: each connection is a transaction that adds one row, on disk before it is
 * answered with `HOST ROWS`.
 *
 *   node database.mjs DIRECTORY PORT
 */
import { closeSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs';
import { createServer } from 'node:net';
import { hostname } from 'node:os';
import { join } from 'node:path';

const [directory, port] = process.argv.slice(2);
const table = join(directory, 'table');
let rows = 0;
try {
  rows = readFileSync(table, 'utf8').split('\n').length - 1;
} catch (error) {
  if (error.code !== 'ENOENT') throw error;
}
const file = openSync(table, 'a');
createServer((socket) => {
  socket.on('error', () => {});
  writeSync(file, `${++rows}\n`);
  fsyncSync(file);
  socket.end(`${hostname()} ${rows}\n`);
}).listen(Number(port));
process.on('SIGTERM', () => {
  closeSync(file);
  process.exit(0);
});
