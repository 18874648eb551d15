import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { build } from 'esbuild';
import { MUTATIONS } from '../test/simulator/mutations.js';
const only = process.argv[2];
const max = Number(process.argv[3] ?? 150);
for (const [number, m] of MUTATIONS.entries()) {
  if (only && only !== 'all' && !m.name.includes(only)) continue;
  const outfile = `/tmp/core-dist/mut${number}.mjs`;
  await build({ entryPoints: [`test/simulator/${m.by === 'cluster' ? 'scenario' : 'membership-scenario'}.ts`], outfile, bundle: true, format: 'esm', platform: 'node', logLevel: 'error', plugins: [{ name: 'm', setup(b) { b.onLoad({ filter: /\.ts$/ }, ({ path }) => { if (path !== resolve(m.file)) return undefined; const text = readFileSync(path, 'utf8'); if (text.split(m.find).length !== 2) console.log('NOT FOUND', m.name); return { contents: text.replace(m.find, () => m.replace), loader: 'ts' }; }); } }] });
  const mod = await import(outfile + '?' + Date.now()); const runScenario = m.by === 'cluster' ? mod.runScenario : mod.runMembershipScenario;
  const t = performance.now();
  let caught: any = null;
  let seed = 1;
  for (; seed <= max && !caught; seed++) { const o = runScenario(seed); if (!o.ok) caught = o; }
  console.log(caught ? 'caught' : 'SURVIVED', m.name, seed - 1, caught?.kind, caught?.text.slice(0, 120).replace(/\n/g, ' '), Math.round(performance.now() - t));
}
