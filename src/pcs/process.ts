import type { World } from './environment.js';

/** The world as this process has it. */
export function processWorld(): World {
  const { argv, env, stdin, stdout, stderr } = process;
  stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0);
    throw error;
  });
  return {
    argv: argv.slice(2),
    env,
    out: (text) => {
      stdout.write(text);
    },
    err: (text) => {
      stderr.write(text);
    },
    nowMs: () => Date.now(),
    interactive: stdin.isTTY === true,
    question: async (text, echo) => {
      const { askSecret } = await import('../shell/secret-prompt.js');
      return askSecret({ text, echo });
    },
  };
}
