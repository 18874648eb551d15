import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { CommandStatus, Completion, CompletionRequest, Environment } from './command.js';
import { contextsPath, readContexts } from './contexts.js';

/** `cluster use [NAME|local] [HOST...]` */
export async function useContext(env: Environment, args: readonly string[]): Promise<CommandStatus> {
  const { session } = env;
  const { environment } = session.world;
  const contexts = readContexts(environment);
  const [name, ...hosts] = args;
  if (name === undefined) {
    for (const [known, own] of Object.entries(contexts)) {
      const mark = own.join() === session.hosts.join() ? '*' : ' ';
      session.print(`${mark} ${known.padEnd(16)} ${own.join(' ')}`);
    }
    return 'done';
  }
  if (!/^[A-Za-z][\w.-]*$/.test(name)) {
    session.error(`cluster.use: ${name}: expected a name of letters, digits, - . and _`);
    return 'usage';
  }
  if (name === 'local' && hosts.length > 0) {
    session.error('cluster.use: local is this machine; choose another name');
    return 'usage';
  }
  if (hosts.length > 0) {
    const path = contextsPath(environment);
    mkdirSync(dirname(path), { recursive: true });
    const temporary = `${path}.${process.pid}`;
    writeFileSync(temporary, `${JSON.stringify({ ...contexts, [name]: hosts }, null, 2)}\n`, { mode: 0o600 });
    renameSync(temporary, path);
  }
  const chosen = name === 'local' ? [] : hosts.length > 0 ? hosts : contexts[name];
  if (chosen === undefined) {
    session.error(`cluster.use: there is no cluster ${name}; name its hosts: cluster use ${name} HOST...`);
    return 'failed';
  }
  if (
    session.workingCopy?.changed &&
    !(await session.ask('All changes will be dropped. Do you want to proceed'))
  ) {
    return 'failed';
  }
  await session.reachThrough(chosen);
  return (await session.connection()) ? 'done' : 'failed';
}

export async function completeContext({ session }: CompletionRequest): Promise<Completion[]> {
  const contexts = Object.entries(readContexts(session.world.environment));
  return [
    { text: 'local', summary: 'this machine', kind: 'keyword' },
    ...contexts.map(([text, hosts]) => ({ text, summary: hosts.join(' '), kind: 'id' as const })),
  ];
}
