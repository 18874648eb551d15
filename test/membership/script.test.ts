import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runScript } from './script.js';

const directory = join(import.meta.dirname, 'scripts');

describe('scripts', () => {
  for (const name of readdirSync(directory)) {
    it(name, () => {
      const path = join(directory, name);
      const text = readFileSync(path, 'utf8');
      const result = runScript(text);
      if (process.env.UPDATE) writeFileSync(path, result);
      else expect(result).toBe(text);
    });
  }
});
