import type { Surroundings, Tool } from '../command-line/tool.js';
import type { Environment } from './environment.js';

/** What one of our small tools has said. */
export interface ToolRun {
  readonly status: number;
  readonly out: string;
  readonly err: string;
}

/** Environment variables that make the tools work on what pcs works on. */
export function toolVariables(environment: Environment): Record<string, string | undefined> {
  const { file } = environment;
  return { ...environment.world.env, ...(file === undefined ? {} : { CIB_file: file }) };
}

/** Runs one of our own tools within this process. */
export async function runTool(
  environment: Environment,
  name: string,
  tool: Tool,
  words: readonly string[],
  input = '',
): Promise<ToolRun> {
  if (environment.file !== undefined) await environment.connection();
  let out = '';
  let err = '';
  const surroundings: Surroundings = {
    name,
    words,
    env: toolVariables(environment),
    folder: process.cwd(),
    nowMs: environment.world.nowMs(),
    zoneOffset: -60 * new Date(environment.world.nowMs()).getTimezoneOffset(),
    out: (text) => {
      out += text;
    },
    err: (text) => {
      err += text;
    },
    readInput: () => input,
  };
  const status = await tool(surroundings);
  return { status, out, err };
}

/** Runs crm_mon within this process, on the cluster or file that pcs works on. */
export async function runMonitor(environment: Environment, words: readonly string[]): Promise<ToolRun> {
  if (environment.file !== undefined) await environment.connection();
  const { crmMon } = await import('../monitor/program.js');
  const { openConnection } = await import('../connection/open.js');
  const host = environment.value('-H');
  const hosts = host === undefined ? [] : host.split(/[,\s]+/).filter((each) => each !== '');
  let out = '';
  let err = '';
  const status = await crmMon(words, {
    environment: toolVariables(environment) as NodeJS.ProcessEnv,
    terminal: false,
    nowMs: () => environment.world.nowMs(),
    writeOut: (text) => {
      out += text;
    },
    writeError: (text) => {
      err += text;
    },
    writeFile: async () => undefined,
    open: (options) => openConnection({ ...options, ...(hosts.length > 0 ? { hosts } : {}) }),
  });
  return { status, out, err };
}
