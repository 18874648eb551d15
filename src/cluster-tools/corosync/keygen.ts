import { randomBytes } from 'node:crypto';
import { chmodSync, closeSync, fsyncSync, openSync, readSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { Tool } from '../../command-line/tool.js';
import { parseShortOptions } from './short-options.js';

/** Bytes; TOTEM_PRIVATE_KEY_LEN_MIN and _MAX. */
const LENGTH_MIN = 128;
const LENGTH_MAX = 4096;
/** 1024 bits: what Corosync took until 3.0, and still the least that it takes. */
const LENGTH_DEFAULT = 128;
const RANDOM = '/dev/urandom';

const usage = (
  keyFile: string,
): string => `Usage: corosync-keygen [-k <keyfile>] [-s size] [-m <randomfile>] [-l] [-h]
     -k / --key-file=<filename> -  Write to the specified keyfile
            instead of the default ${keyFile}.
     -r / --random-file -  Random number source file. Default is 
            ${RANDOM}. As an example /dev/random may be requested
            (that may require user input for entropy).
     -l / --less-secure - Not used, option is kept only
            for compatibility.
     -s / --size -  Length of key.
     -h / --help -  Print basic usage.

`;

/** `corosync-keygen`: makes the key that the nodes of a cluster share. */
export const corosyncKeygen: Tool = ({ words, env, out, err }) => {
  const standard = join(env.QUORATE_ROOT || '/', 'etc/corosync/authkey');
  const parsed = parseShortOptions(
    {
      letters: 'k:r:s:lh',
      long: { 'key-file': 'k', 'less-secure': 'l', 'random-file': 'r', size: 's', help: 'h' },
    },
    words,
  );
  if (!parsed.ok) {
    err(`corosync-keygen: ${parsed.message}\n`);
    out('Error parsing command line options.\n');
    return 1;
  }
  const { given } = parsed;
  if (given.has('h')) {
    out(usage(standard));
    return 0;
  }
  const size = given.get('s');
  const length = size === undefined ? LENGTH_DEFAULT : /^\d+$/.test(size) ? Number(size) : Number.NaN;
  if (!(length >= LENGTH_MIN && length <= LENGTH_MAX)) {
    err(`corosync-keygen: Unsupported key size (supported <${LENGTH_MIN},${LENGTH_MAX}>)\n`);
    return 1;
  }
  const keyFile = given.get('k') ?? standard;
  const source = given.get('r') ?? RANDOM;
  out('Corosync Cluster Engine Authentication key generator.\n');
  out(`Gathering ${length * 8} bits for key from ${source}.\n`);
  let key: Buffer;
  try {
    key = source === RANDOM ? randomBytes(length) : readExactly(source, length);
  } catch (error) {
    err(`corosync-keygen: Failed to open random source: ${reason(error)}\n`);
    return 1;
  }
  try {
    const file = openSync(keyFile, 'w', 0o600);
    try {
      chmodSync(keyFile, 0o400);
      out(`Writing corosync key to ${keyFile}.\n`);
      writeSync(file, key);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
  } catch (error) {
    err(`corosync-keygen: Could not create ${keyFile}: ${reason(error)}\n`);
    return 2;
  }
  return 0;
};

function readExactly(path: string, length: number): Buffer {
  const buffer = Buffer.alloc(length);
  const file = openSync(path, 'r');
  try {
    for (let have = 0; have < length; ) {
      const read = readSync(file, buffer, have, length - have, null);
      if (read === 0) throw new Error('it has too few bytes');
      have += read;
    }
  } finally {
    closeSync(file);
  }
  return buffer;
}

function reason(error: unknown): string {
  switch ((error as NodeJS.ErrnoException).code) {
    case 'ENOENT':
      return 'No such file or directory';
    case 'EACCES':
      return 'Permission denied';
    default:
      return error instanceof Error ? error.message : String(error);
  }
}
