import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { Script } from 'node:vm';

/**
 * Loads a CommonJS bundle with the code that V8 compiled for it earlier, which takes a tenth of compiling it again.
 *
 * The compiled code lies beside the bundle as FILE.VERSION.cache, for each version of V8 its own; the bundle's name
 * changes with its text. V8 refuses what it did not make itself or what flags have made stale. Where none is there, it is
 * written when the process ends, with the functions that this run needed; where that is not allowed, nothing is lost
 * but time.
 */
export function loadBundle(file: string): unknown {
  // The build writes nothing but ASCII, and Latin-1 is read without decoding.
  const text = readFileSync(file, 'latin1');
  const cache = `${file}.${process.versions.v8}-${process.arch}.cache`;
  const cachedData = readIfThere(cache);
  const script = new Script(`(function(exports,require,module,__filename){${text}\n})`, {
    filename: `file://${file}`,
    ...(cachedData ? { cachedData } : {}),
  });
  if (cachedData === undefined) process.once('exit', () => keep(cache, script));
  const module = { exports: {} };
  script.runInThisContext()(module.exports, createRequire(file), module, file, dirname(file));
  return module.exports;
}

function readIfThere(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch {
    return undefined;
  }
}

function keep(path: string, script: Script): void {
  const temporary = `${path}.${process.pid}`;
  try {
    writeFileSync(temporary, script.createCachedData(), { flag: 'wx', mode: 0o644 });
    renameSync(temporary, path);
  } catch {
    // The folder belongs to somebody else, or the disk is full: the next start compiles again.
  }
}
