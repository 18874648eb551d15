import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as { bin: Record<string, string> };

describe('the house', () => {
  it('has every file that ARCHITECTURE.md and README.md name', () => {
    for (const page of ['ARCHITECTURE.md', 'README.md']) {
      const named = [
        ...readFileSync(page, 'utf8').matchAll(/`((?:src|grammar|test|docs|resource-agents)\/[\w./-]*)`/g),
      ].map((match) => match[1]!);
      if (page === 'ARCHITECTURE.md') expect(named.length).toBeGreaterThan(40);
      // NAME stands for any of its kind.
      expect(named.filter((path) => !path.includes('NAME') && !existsSync(path))).toEqual([]);
    }
  });

  it('maps every executable in package.json', () => {
    const tools = readdirSync('src/tools')
      .filter((name) => /^[\w-]+\.ts$/.test(name))
      .map((name) => name.slice(0, -3));
    expect(Object.keys(manifest.bin).sort()).toEqual(tools.sort());
    for (const [name, path] of Object.entries(manifest.bin)) expect(path).toBe(`dist/bin/${name}`);
  });
});
