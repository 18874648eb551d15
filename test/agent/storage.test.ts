/** What an agent keeps on disk of the configuration. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { Storage } from '../../src/agent/storage.js';

const directory = mkdtempSync(join(tmpdir(), 'quorate-storage-'));
afterAll(() => rmSync(directory, { recursive: true }));

const LINEAGE = { diverged: false } as Parameters<Storage['writeCib']>[1];
const version = (epoch: number, numUpdates = 0) => ({ adminEpoch: 0, epoch, numUpdates });
const kept = () => readdirSync(directory).filter((name) => name.startsWith('cib-revision-'));
const text = (name: string) => readFileSync(join(directory, name), 'utf8');

test('each revision of the configuration stays beside the one in force', async () => {
  const storage = new Storage(directory);
  await storage.writeCib('<cib epoch="1"/>', LINEAGE, version(1));
  await storage.writeCib('<cib epoch="2"/>', LINEAGE, version(2));
  // Written again with nothing new in its configuration.
  await storage.writeCib('<cib epoch="2"/>', LINEAGE, version(2, 7));
  expect(kept().sort()).toEqual(['cib-revision-0.1.xml', 'cib-revision-0.2.xml']);
  expect(text('cib-revision-0.1.xml')).toContain('<cib epoch="1"/>');
  expect(text('cib-revision-0.2.xml')).toContain('<cib epoch="2"/>');
  expect(text('cib.xml')).toContain('<cib epoch="2"/>');
});

test('the same number with another content, as after a conflict, replaces what was kept; a hundred stay', async () => {
  const storage = new Storage(directory);
  await storage.writeCib('<cib epoch="2" other=""/>', LINEAGE, version(2));
  expect(text('cib-revision-0.2.xml')).toContain('other');
  for (let epoch = 3; epoch <= 110; epoch++)
    await storage.writeCib(`<cib epoch="${epoch}"/>`, LINEAGE, version(epoch));
  expect(kept()).toHaveLength(100);
  expect(kept()).toContain('cib-revision-0.110.xml');
});
