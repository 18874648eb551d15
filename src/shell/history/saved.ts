import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Element } from '../../cib/element.js';
import { writeXml } from '../../cib/xml.js';
import type { ClusterEvent } from '../../protocol/messages.js';
import type { HistorySource } from './source.js';
import type { PastTransition } from './transitions.js';

/**
 * Writes events and the scheduler's inputs of transitions as `savedSource` reads them.
 *
 * @param clean what is done to each document and text before it is written, such as hiding secrets
 * @returns how many inputs were written
 */
export async function saveHistory(
  folder: string,
  source: HistorySource,
  events: readonly ClusterEvent[],
  transitions: readonly PastTransition[],
  clean: { readonly cib: (cib: Element) => Element; readonly text: (text: string) => string } = {
    cib: (cib) => cib,
    text: (text) => text,
  },
): Promise<number> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const options = { mode: 0o600 };
  writeFileSync(join(folder, 'events.json'), `${clean.text(JSON.stringify(events, null, 1))}\n`, options);
  rmSync(join(folder, 'scheduler'), { recursive: true, force: true });
  let written = 0;
  for (const { input } of transitions) {
    const cib = input && (await source.input(input));
    if (!cib) continue;
    const place = join(folder, 'scheduler', input.node);
    mkdirSync(place, { recursive: true, mode: 0o700 });
    writeFileSync(join(place, `${input.name}.xml`), writeXml(clean.cib(cib)), options);
    written++;
  }
  return written;
}
