/**
 * `npm run screenshots`: the pictures in docs/images, taken from what the programs draw on a terminal: an outage on the full
 * screen, the same from `crm status`, and the prompt.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startOutage } from './outage.js';
import { svgOf } from './svg.js';
import { Terminal } from './terminal.js';

const folder = 'docs/images';
mkdirSync(folder, { recursive: true });
const outage = await startOutage();
const env = { QUORATE_ROOT: outage.agent.root, HOME: outage.agent.root, TZ: process.env.TZ ?? 'UTC' };

function save(name: string, title: string, terminal: Terminal, rows?: number): void {
  writeFileSync(join(folder, `${name}.svg`), svgOf(terminal.screen, title, rows));
  console.log(`${folder}/${name}.svg`);
}

/** Lines up to the last that is not blank. */
function used(terminal: Terminal): number {
  return terminal.lines.findLastIndex((line) => line !== '') + 1;
}

async function end(terminal: Terminal): Promise<void> {
  terminal.pty.kill('SIGKILL');
  await terminal.exited;
}

const screen = new Terminal('dist/bin/crm_mon', { columns: 104, rows: 28, env, args: [] });
await screen.shows('● db');
outage.dies();
await screen.shows('◌ reboot of bravo');
await screen.shows('◌ start db');
await screen.until((text) => /3\.4/.test(text), 'showed the load');
save('outage', 'crm_mon while a node is fenced', screen);
outage.recovers();
await screen.shows('✔ reboot of bravo');
await screen.type('/www\r', '/www');
await screen.type('\x1b[B\x1b[B\r', '─ www');
await screen.shows('process 4711 is gone');
await screen.shows('Log');
save('details', 'crm_mon: why a resource is red', screen);
await end(screen);

const status = new Terminal('dist/bin/crm', { columns: 104, rows: 40, env, args: ['status'] });
await status.exited;
await status.until((text) => text.includes('Failed Resource Actions'), 'listed failures');
save('status', 'crm status', status, used(status));

const prompt = new Terminal('dist/bin/crm', { columns: 104, rows: 30, env, args: [] });
await prompt.shows('crm(');
await prompt.type('configure\r', 'configure#');
await prompt.type('primitive cache ocf:heartbeat:Dummy op ', 'op');
await prompt.type('\t', 'monitor');
save('prompt', 'The prompt of crm', prompt, used(prompt));
await end(prompt);
await outage.agent.close();
