/** The database of the DRBD stories: its init script, and a client that adds rows over its service address. */
import { join } from 'node:path';
import { ClientLoop } from './client-loop.js';
import { type Lab, PROJECT } from './lab.js';

export const DATABASE_ADDRESS = '10.77.0.222';
const PORT = 3306;

/** As init scripts of 2006 were; `status` asks the port and not a pid file. */
const INIT_SCRIPT = `#!/bin/bash
# start, stop and watch the database in /mnt/nd0
PIDFILE=/run/database.pid
SERVER="${process.execPath} ${join(PROJECT, 'test/lab/database.mjs')}"
answers() { timeout 1 bash -c 'read -r line </dev/tcp/127.0.0.1/${PORT} && [ -n "$line" ]' 2>/dev/null; }
case "$1" in
  start)
    answers && exit 0
    mountpoint -q /mnt/nd0 || { echo "no data directory" >&2; exit 1; }
    [ ! -e /etc/database.broken ] || { echo "cannot read its configuration" >&2; exit 1; }
    setsid $SERVER /mnt/nd0 ${PORT} </dev/null >/dev/null 2>&1 &
    echo $! >$PIDFILE
    for try in $(seq 50); do answers && exit 0; sleep 0.1; done
    exit 1 ;;
  stop)
    [ -e $PIDFILE ] || exit 0
    pid=$(cat $PIDFILE)
    kill "$pid" 2>/dev/null
    for try in $(seq 20); do kill -0 "$pid" 2>/dev/null || break; sleep 0.1; done
    kill -KILL "$pid" 2>/dev/null
    rm -f $PIDFILE ;;
  status)
    if answers; then echo "database is running"; exit 0; fi
    echo "database is stopped"; exit 3 ;;
  *)
    echo "usage: $0 start|stop|status" >&2; exit 2 ;;
esac
exit 0
`;

export async function installDatabase(lab: Lab, node: string): Promise<void> {
  await lab.write(node, '/etc/init.d/database', INIT_SCRIPT, '755');
}

/** Each answer is the host's name and the number of rows so far. */
export function databaseClient(lab: Lab): ClientLoop {
  return new ClientLoop(lab, `timeout 0.5 bash -c 'cat </dev/tcp/${DATABASE_ADDRESS}/${PORT}'`);
}

/** Rows that were answered for and are not there any more: 0 unless data were lost. */
export function lostRows(client: ClientLoop): number {
  let highest = 0;
  let lost = 0;
  for (const { host, text } of client.samples) {
    if (host === null) continue;
    const rows = Number(text);
    if (rows <= highest) lost += highest - rows + 1;
    highest = Math.max(highest, rows);
  }
  return lost;
}
