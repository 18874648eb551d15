/**
 * A client that writes to the CIB again and again through its node's agent, and says of each write what became of it:
 * `ok ID`, `no ID` (refused: it must not be there) or `unknown ID`. One line each, told when the answer is in.
 *
 * Arguments: a name for its writes, and the id of the cluster_property_set that they go to.
 */
import { openLocal } from '../../src/connection/local.js';

const PAUSE_MS = 150;
const [name, set] = process.argv.slice(2) as [string, string];
const say = (word: string, id: string): void => {
  process.stdout.write(`${word} ${id}\n`);
};

async function write(id: string): Promise<void> {
  const opened = await openLocal({ program: 'writer' });
  if (!opened.ok) return;
  const connection = opened.value;
  const read = await connection.call('cib.read', { scope: 'configuration' });
  if (read.ok) {
    const answer = await connection.call('cib.patch', {
      patch:
        `<diff format="2"><change operation="create" path="/cib/configuration/crm_config/cluster_property_set[@id='${set}']" ` +
        `position="0"><nvpair id="${id}" name="${id}" value="1"/></change></diff>`,
      base: read.value.version,
      command: 'lab writer',
    });
    if (answer.ok) say('ok', id);
    else
      say(
        /^(conflict|invalid-cib|invalid-request)$/.test(answer.error.answer?.code ?? '') ? 'no' : 'unknown',
        id,
      );
  }
  await connection.close();
}

for (let sequence = 1; ; sequence++) {
  await write(`${name}-${sequence}`);
  await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
}
