import { open } from 'node:fs/promises';
import { availableParallelism, loadavg } from 'node:os';
import type { NodeLoad } from '../protocol/messages.js';

/** So much of the end of a log is searched. */
const LOG_TAIL_BYTES = 1024 * 1024;

/** How busy this machine is. */
export function loadOf(node: string): NodeLoad {
  return { node, load: loadavg()[0]!, processors: availableParallelism() };
}

/** The newest lines of a log that have a text in them as a word of its own, oldest first. */
export async function logLines(path: string, text: string, limit: number): Promise<string[]> {
  let tail: string;
  try {
    const file = await open(path, 'r');
    try {
      const { size } = await file.stat();
      const from = Math.max(0, size - LOG_TAIL_BYTES);
      const buffer = Buffer.alloc(size - from);
      await file.read(buffer, 0, buffer.length, from);
      tail = buffer.toString('utf8');
    } finally {
      await file.close();
    }
  } catch {
    return [];
  }
  const word = new RegExp(`(?<![\\w-])${text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}(?![\\w-])`);
  return tail
    .split('\n')
    .filter((line) => word.test(line))
    .slice(-limit);
}
