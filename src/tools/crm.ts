#!/usr/bin/env node
const { argv, env, stdin, stdout, stderr } = process;
const shell = { argv: argv.slice(2), env, stdin, stdout, stderr };

/** What people and scripts ask all day long, and what can be answered without grammar, SSH or prompt. */
const QUICK =
  /^((-[Fnwd]|-D \S+) )*(status|configure show|resource (status|show|list|locate)|node (show|list))( [\w.:*@-]+)*$/;

async function runQuick(): Promise<number | null> {
  if (!QUICK.test(shell.argv.join(' '))) return null;
  const light = new URL('../lib/crm.light.js', import.meta.url).href;
  const { runLight } = (await import(light)) as typeof import('./crm.light.js');
  return runLight(shell);
}

const status = await runQuick();
if (status === null) {
  const { runShell } = await import('../shell/main.js');
  process.exitCode = await runShell(shell);
} else process.exitCode = status;
