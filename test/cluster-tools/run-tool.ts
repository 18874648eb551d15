import type { Surroundings, Tool } from '../../src/command-line/tool.js';

export interface Ran {
  readonly exit: number;
  readonly out: string;
  readonly err: string;
}

/** Runs a tool in this process: in UTC, without input, in the root folder, with nothing in its environment. */
export async function runTool(
  tool: Tool,
  name: string,
  words: readonly string[],
  { input = '', ...surroundings }: Partial<Surroundings> & { readonly input?: string } = {},
): Promise<Ran> {
  let [out, err] = ['', ''];
  const exit = await tool({
    name,
    words,
    env: {},
    folder: '/',
    nowMs: Date.now(),
    zoneOffset: 0,
    out: (text) => {
      out += text;
    },
    err: (text) => {
      err += text;
    },
    readInput: () => input,
    ...surroundings,
  });
  return { exit, out, err };
}
