import { builtinModules } from 'node:module';

/** CommonJS packages `require` Node's own modules, which an ES module bundle has no function for. */
export const builtins = {
  name: 'builtins of CommonJS packages',
  setup(b) {
    const names = new Set(builtinModules.flatMap((name) => [name, `node:${name}`]));
    b.onResolve({ filter: /.*/ }, (args) =>
      args.kind === 'require-call' && names.has(args.path)
        ? { path: args.path, namespace: 'builtin' }
        : undefined,
    );
    b.onLoad({ filter: /.*/, namespace: 'builtin' }, (args) => ({
      contents: `module.exports = process.getBuiltinModule(${JSON.stringify(args.path)});`,
    }));
  },
};
