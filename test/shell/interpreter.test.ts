import { describe, expect, it } from 'vitest';
import { editDistance } from '../../grammar/crm/nearest.js';
import { joinContinuations, runLines, runOnce } from '../../src/shell/run.js';
import { openShell } from './fixture.js';

async function* lines(...text: string[]): AsyncGenerator<string> {
  yield* text;
}

describe('names of commands', () => {
  it('says how a unique beginning was taken', async () => {
    const shell = openShell();
    expect(await shell.run('opt sh core.editor')).toBe('done');
    expect(shell.messages).toEqual([
      'INFO: "opt" is accepted as "options"',
      'INFO: "sh" is accepted as "show"',
    ]);
  });

  it('takes any case', async () => {
    const shell = openShell();
    expect(await shell.run('NODE Show n2')).toBe('done');
    expect(shell.out).toBe('n2(2): member\n\track=7\n');
  });

  it('warns of an old name', async () => {
    const shell = openShell();
    await shell.run('node list n1');
    expect(shell.messages).toEqual([
      "WARNING: This command 'list' is deprecated, please use 'show'",
      'INFO: "list" is accepted as "show"',
    ]);
  });

  it('refuses a beginning of several commands, and names them', async () => {
    const shell = openShell();
    expect(await shell.run('resource st vip')).toBe('usage');
    expect(shell.messages).toEqual([
      'ERROR: resource.st: No such command',
      'INFO: "st" is short for several commands: start, status, stop',
    ]);
  });

  it('never runs a guess in batch, but names it', async () => {
    const shell = openShell({ flags: { force: true } });
    expect(await shell.run('resource stpo vip')).toBe('usage');
    expect(shell.messages).toEqual(['ERROR: resource.stpo: No such command', 'INFO: did you mean "stop"?']);
    expect(shell.cluster.commits).toEqual([]);
  });

  it('does not take letters in the right order for a name', async () => {
    const shell = openShell();
    expect(await shell.run('configure foo')).toBe('usage');
    expect(shell.messages[0]).toBe('ERROR: configure.foo: No such command');
    expect(shell.cluster.commits).toEqual([]);
  });

  it('asks a person about a single guess, and goes on where it was right', async () => {
    const shell = openShell({ replies: ['y'] });
    expect(await shell.run('nod show n1')).toBe('done');
    const asked = openShell({ replies: ['n', 'y'] });
    expect(await asked.run('nodee show n1')).toBe('usage');
    expect(await asked.run('nodee show n1')).toBe('done');
    expect(asked.questions).toEqual([
      'No command "nodee" here. Do you mean "node" (y/n)? ',
      'No command "nodee" here. Do you mean "node" (y/n)? ',
    ]);
    expect(asked.out).toBe('n1(1): member\n');
  });

  it.each([
    ['stop', 'stpo', 1],
    ['status', 'staus', 1],
    ['move', 'mvoe', 1],
    ['a', 'abc', 2],
    ['', 'ab', 2],
  ])('editDistance(%s, %s) = %d', (a, b, distance) => {
    expect(editDistance(a, b)).toBe(distance);
  });
});

describe('levels', () => {
  it('are entered by their names alone, and left by up, cd and quit', async () => {
    const shell = openShell();
    const path = () => shell.interpreter.prompt().replace(/.*\)/, '');
    await shell.run('resource');
    expect(path()).toBe('resource# ');
    await shell.run('up');
    expect(path()).toBe('# ');
    await shell.run('cd configure/ra');
    expect(path()).toBe('configure ra# ');
    await shell.run('cd ../..');
    expect(path()).toBe('# ');
    await shell.run('cd resource');
    await shell.run('cd ../node');
    expect(path()).toBe('node# ');
    expect(await shell.interpreter.execute('quit')).toEqual({ status: 'done', quit: true });
  });

  it('are left again after a command reached through them', async () => {
    const shell = openShell();
    await shell.run('resource status vip');
    expect(shell.session.levels.map(({ name }) => name)).toEqual(['root']);
  });

  it('name themselves in complaints', async () => {
    const shell = openShell();
    await shell.run('resource');
    await shell.run('nosuch');
    await shell.run('meta vip');
    expect(shell.messages).toEqual([
      'ERROR: resource.nosuch: No such command',
      'ERROR: resource.meta: Expected (RSC set|delete|show ATTR [VALUE]), takes at least 3 arguments (1 given)',
    ]);
  });

  it('say where a command of the top level is', async () => {
    const shell = openShell();
    await shell.run('resource');
    await shell.run('resource stop web');
    expect(shell.messages).toEqual([
      'ERROR: resource.resource: No such command',
      'INFO: "resource" is at the top level: go there with "cd /", or leave it out here',
    ]);
  });

  it('up at the root is no command', async () => {
    const shell = openShell();
    expect(await shell.run('up')).toBe('failed');
    expect(shell.messages).toEqual(['ERROR: up: No such command']);
  });

  it('show the connected node in the prompt', async () => {
    const shell = openShell();
    await shell.run('node show');
    expect(shell.interpreter.prompt()).toBe('crm(live/n1)# ');
  });

  it('ls lists what can be typed', async () => {
    const shell = openShell();
    await shell.run('site');
    await shell.run('ls');
    expect(shell.out.split(/\s+/).filter(Boolean).sort()).toEqual(
      ['..', 'cd', 'help', 'ls', 'quit', 'ticket', 'up'].sort(),
    );
  });

  it('respect the skill level', async () => {
    const shell = openShell({ settings: { 'core.skill_level': 'operator' } });
    expect(await shell.run('resource move vip n2')).toBe('failed');
    expect(shell.messages).toEqual(['ERROR: ACL administrator skill level required']);
  });
});

describe('batches', () => {
  const joined = async (...text: string[]) => {
    const found: string[] = [];
    for await (const line of joinContinuations(lines(...text))) found.push(line);
    return found;
  };

  it('join continuation lines and leave out comments', async () => {
    expect(await joined('# a comment', 'a \\', '  b \\', 'c', 'd', 'e \\')).toEqual(['a b c', 'd', 'e']);
  });

  it('go on after an error and remember it', async () => {
    const shell = openShell();
    const status = await runLines(
      shell.interpreter,
      lines('resource', 'foo', 'stop nosuch', 'stop web', 'up', 'node show n1'),
    );
    expect(status).toBe(1);
    expect(shell.messages).toEqual([
      'ERROR: resource.foo: No such command',
      'ERROR: Resource not found: nosuch',
    ]);
    expect(shell.cluster.commits).toHaveLength(1);
    expect(shell.out).toBe('n1(1): member\n');
  });

  it('end at quit', async () => {
    const shell = openShell();
    expect(await runLines(shell.interpreter, lines('quit', 'resource stop web'))).toBe(0);
    expect(shell.cluster.commits).toEqual([]);
  });

  it('complain about a quote that is never closed, with its place', async () => {
    const shell = openShell();
    expect(await runLines(shell.interpreter, lines(`configure primitive p Dummy params state="x`))).toBe(1);
    expect(shell.messages).toEqual([
      'ERROR: configure: No closing quotation: the quote at column 42 is never closed',
    ]);
  });
});

describe('a lost connection', () => {
  it('is opened again by the next command, and keeps what is pending', async () => {
    const shell = openShell();
    await shell.run('configure');
    await shell.run('primitive p1 Dummy');
    expect(shell.connections).toHaveLength(1);
    shell.cluster.lose({ kind: 'closed', message: 'the agent has gone' });
    await shell.cluster.closed;
    expect(await shell.run('show p1')).toBe('done');
    expect(shell.out).toBe('primitive p1 Dummy\n');
    expect(await shell.run('commit')).toBe('done');
    expect(shell.connections.length).toBeGreaterThan(1);
    expect(shell.xml('p1')).toContain('type="Dummy"');
  });
});

describe('a commit whose connection is lost', () => {
  const edit = async (shell: ReturnType<typeof openShell>) => {
    await shell.run('configure');
    expect(await shell.run('primitive late ocf:heartbeat:Dummy')).toBe('done');
  };

  it('is sent again where it had not arrived', async () => {
    const shell = openShell({ flags: { force: true } });
    await edit(shell);
    shell.cluster.dying = 'before';
    expect(await shell.run('commit')).toBe('done');
    expect(shell.messages.slice(-2)).toEqual([
      'WARNING: the connection to n1 was lost: looking up whether the commit has arrived',
      'INFO: it had not: it is sent again',
    ]);
    expect(shell.cluster.commits).toHaveLength(1);
    expect(shell.xml('late')).toContain('Dummy');
  });

  it('is not sent twice where only its answer is missing', async () => {
    const shell = openShell({ flags: { force: true } });
    await edit(shell);
    shell.cluster.dying = 'after';
    expect(await shell.run('commit')).toBe('done');
    expect(shell.messages.at(-1)).toBe('INFO: it has arrived');
    expect(shell.cluster.commits).toEqual([]);
    expect(await shell.run('commit')).toBe('done');
    expect(shell.messages.at(-1)).toBe('INFO: try changing something first');
  });

  it('is neither sent again nor dropped where others have changed the same', async () => {
    const shell = openShell({ flags: { force: true } });
    await shell.run('configure');
    await shell.run('set vip.ip 10.0.0.20');
    shell.cluster.dying = 'before';
    for (const element of shell.cluster.cib.descendants())
      if (element.id === 'vip-instance_attributes-ip') element.set('value', '10.0.0.30');
    expect(await shell.run('commit')).toBe('failed');
    expect(shell.messages.at(-1)).toContain('others have changed the same meanwhile');
    shell.out = '';
    await shell.run('show vip');
    expect(shell.out).toContain('10.0.0.20');
    expect(shell.cluster.commits).toEqual([]);
  });
});

describe('options', () => {
  it('are kept for good one-shot, but not from a file', async () => {
    const saved: string[] = [];
    const shell = openShell({ saved });
    await runLines(shell.interpreter, lines('options', 'sort-elements no'));
    expect(saved).toEqual([]);
    await runOnce(shell.interpreter, ['options', 'set', 'core.wait', 'yes']);
    expect(saved).toEqual(['[core]\nsort_elements = no\nwait = yes\n']);
  });
});

describe('waiting', () => {
  const idle = { 'cluster.wait-idle': () => ({ idle: true }) };

  it('-w waits after a command that changed something', async () => {
    const shell = openShell({ flags: { wait: true }, answers: idle });
    await shell.run('resource stop web');
    expect(shell.cluster.calls.map(({ method }) => method)).toEqual(['cluster.wait-idle']);
  });

  it('not after one that only looked, nor without -w', async () => {
    const looked = openShell({ flags: { wait: true }, answers: idle });
    await looked.run('resource meta web show target-role');
    const quick = openShell({ answers: idle });
    await quick.run('resource stop web');
    expect([...looked.cluster.calls, ...quick.cluster.calls]).toEqual([]);
  });

  it('option core.wait does the same', async () => {
    const shell = openShell({ settings: { 'core.wait': 'yes' }, answers: idle });
    await shell.run('node standby n1');
    expect(shell.cluster.calls.map(({ method }) => method)).toEqual(['cluster.wait-idle']);
  });

  it('is ended by an interruption; the next statement has its own', async () => {
    const shell = openShell({
      flags: { wait: true },
      answers: { 'cluster.wait-idle': () => new Promise(() => {}) as never },
    });
    const running = shell.run('resource stop web');
    await expect.poll(() => shell.cluster.calls.length, { timeout: 20_000 }).toBe(1);
    shell.session.interrupt();
    expect(await running).toBe('done');
    expect(shell.session.interrupted.aborted).toBe(true);
    await shell.run('ls');
    expect(shell.session.interrupted.aborted).toBe(false);
  });

  it('restart stops, waits, starts', async () => {
    const shell = openShell({ answers: idle });
    expect(await shell.run('resource restart web')).toBe('done');
    expect(shell.messages).toEqual(['INFO: ordering web to stop', 'INFO: ordering web to start']);
    expect(shell.cluster.commits).toHaveLength(2);
    expect(shell.xml('web')).toContain('value="Started"');
  });
});
