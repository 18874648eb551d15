/**
 * How often methods are called while something works: a measure of its time that does not depend on how busy the machine
 * is.
 */
export function stepsOf(target: object, methods: readonly string[], work: () => void): number {
  const open = target as Record<string, (...args: unknown[]) => unknown>;
  const own = methods.map((name) => Object.getOwnPropertyDescriptor(target, name));
  let count = 0;
  for (const name of methods) {
    const original = open[name]!;
    open[name] = function (this: unknown, ...args: unknown[]) {
      count += 1;
      return original.apply(this, args);
    };
  }
  try {
    work();
  } finally {
    for (const [i, name] of methods.entries()) {
      const before = own[i];
      if (before) Object.defineProperty(target, name, before);
      else delete open[name];
    }
  }
  return count;
}
