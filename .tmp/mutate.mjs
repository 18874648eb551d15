// .tmp/mutate.ts
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { build } from "esbuild";

// test/simulator/mutations.ts
var MUTATIONS = [
  {
    name: "promises are forgotten over a restart",
    by: "membership",
    file: "src/membership/membership.ts",
    find: "this.#promised = record?.promised ?? NO_VIEW;",
    replace: "this.#promised = record === null ? NO_VIEW : { epoch: 0, coordinator: 0 };"
  },
  {
    name: "stale proposals are accepted",
    by: "membership",
    file: "src/membership/membership.ts",
    find: "if (compareViewIds(message.id, this.#promised) <= 0) {",
    replace: "if (compareViewIds(message.id, this.#promised) <= -1000) {"
  },
  {
    name: "half of the votes are enough",
    by: "membership",
    file: "src/membership/quorum.ts",
    find: "Math.floor(expected / 2) + 1",
    replace: "Math.floor(expected / 2)"
  },
  {
    name: "votes of lost nodes count",
    by: "membership",
    file: "src/membership/quorum.ts",
    find: "const total = input.members.reduce((sum, member) => sum + votesOf(member.node), 0);",
    replace: "const total = nodes.reduce((sum, node) => sum + votesOf(node.node), 0);"
  },
  {
    name: "messages are delivered before all have them",
    by: "membership",
    file: "src/membership/order.ts",
    find: "while (this.#delivered < Math.min(this.#stable, this.#received)) {",
    replace: "while (this.#delivered < this.#received) {"
  },
  {
    name: "nothing is flushed at a change of view",
    by: "membership",
    file: "src/membership/membership.ts",
    find: "if (previous && own && this.#order) {",
    replace: "if (previous && own && this.#order && own.upTo < 0) {"
  },
  {
    name: "a member that has promised a new view goes on in the old one",
    by: "membership",
    file: "src/membership/membership.ts",
    find: "if (this.frozen) return;\n    for (const item of items)",
    replace: "for (const item of items)"
  },
  {
    name: "writes are acknowledged when the DC alone has them",
    by: "cluster",
    file: "src/controller/requests.ts",
    find: "members.every((node) => {",
    replace: "members.filter((node) => node === this.#config.self).every((node) => {"
  },
  {
    name: "the configuration is changed without quorum",
    by: "cluster",
    file: "src/controller/requests.ts",
    find: "return this.#dc.view.quorum.quorate ||",
    replace: "return cib !== null ||"
  },
  {
    name: "the higher version wins, whatever view it is from",
    by: "cluster",
    file: "src/controller/joining.ts",
    find: "return (byView || byVersion) > 0;",
    replace: "return (byVersion || byView) > 0;"
  },
  {
    name: "confirmations of replaced documents count",
    by: "cluster",
    file: "src/controller/document.ts",
    find: "return write > this.#unreported ? done : null;",
    replace: "return done;"
  },
  {
    name: "operations depend on nothing",
    by: "cluster",
    file: "src/controller/transition.ts",
    find: "this.#ready = steps.filter((step) => step.unmet === 0);",
    replace: "this.#ready = [...steps];"
  },
  {
    name: "failed fencing counts as fencing",
    by: "cluster",
    file: "src/controller/transition.ts",
    find: "const passes = ok || canFail(entry.action);",
    replace: "const passes = ok || !canFail(entry.action);"
  },
  {
    name: "a DC acts on in a view that is over",
    by: "cluster",
    file: "src/membership/membership.ts",
    find: "const active = this.#view !== null && !this.frozen && !this.#overtaken();",
    replace: "const active = this.#view !== null;"
  }
];

// .tmp/mutate.ts
var only = process.argv[2];
var max = Number(process.argv[3] ?? 150);
for (const [number, m] of MUTATIONS.entries()) {
  if (only && only !== "all" && !m.name.includes(only)) continue;
  const outfile = `/tmp/core-dist/mut${number}.mjs`;
  await build({ entryPoints: [`test/simulator/${m.by === "cluster" ? "scenario" : "membership-scenario"}.ts`], outfile, bundle: true, format: "esm", platform: "node", logLevel: "error", plugins: [{ name: "m", setup(b) {
    b.onLoad({ filter: /\.ts$/ }, ({ path }) => {
      if (path !== resolve(m.file)) return void 0;
      const text = readFileSync(path, "utf8");
      if (text.split(m.find).length !== 2) console.log("NOT FOUND", m.name);
      return { contents: text.replace(m.find, () => m.replace), loader: "ts" };
    });
  } }] });
  const mod = await import(outfile + "?" + Date.now());
  const runScenario = m.by === "cluster" ? mod.runScenario : mod.runMembershipScenario;
  const t = performance.now();
  let caught = null;
  let seed = 1;
  for (; seed <= max && !caught; seed++) {
    const o = runScenario(seed);
    if (!o.ok) caught = o;
  }
  console.log(caught ? "caught" : "SURVIVED", m.name, seed - 1, caught?.kind, caught?.text.slice(0, 120).replace(/\n/g, " "), Math.round(performance.now() - t));
}
