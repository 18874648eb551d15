import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import type { Readable } from 'node:stream';

/** The stream's lines, without their ends; also a last line without one. */
export async function* readLines(stream: Readable): AsyncGenerator<string> {
  stream.setEncoding('utf8');
  let pending = '';
  for await (const chunk of stream) {
    const lines = (pending + (chunk as string)).split('\n');
    pending = lines.pop() ?? '';
    for (const line of lines) yield line.endsWith('\r') ? line.slice(0, -1) : line;
  }
  if (pending !== '') yield pending;
}

/** The lines of a file, or of standard input for `-`; the reason where the file cannot be read. */
export async function openLines(
  file: string,
  stdin: Readable,
): Promise<{ ok: true; value: AsyncGenerator<string> } | { ok: false; message: string }> {
  if (file === '-') return { ok: true, value: readLines(stdin) };
  try {
    const handle = await open(file, 'r');
    return { ok: true, value: readLines(createReadStream(file, { fd: handle })) };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const reason =
      code === 'ENOENT' ? 'there is no such file' : code === 'EACCES' ? 'permission denied' : message;
    return { ok: false, message: `${file}: ${reason}` };
  }
}
