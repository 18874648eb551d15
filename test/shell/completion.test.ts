import { describe, expect, it } from 'vitest';
import { completeForShell } from '../../src/shell/compgen.js';
import { completeAt, flatten, statementStart } from '../../src/shell/completion.js';
import { lookAtTyping } from '../../src/shell/prompt/typing.js';
import { openShell } from './fixture.js';

/** Candidates at the `|` of a line, at the given level. */
async function candidates(marked: string, level?: string): Promise<string[]> {
  const shell = openShell();
  if (level) await shell.run(level);
  const cursor = marked.indexOf('|');
  const found = await completeAt(shell.session, marked.replace('|', ''), cursor);
  return found.items.map(({ text }) => text);
}

describe('completion', () => {
  it.each([
    ['sta|', ['status']],
    ['resource st|', ['start', 'status', 'stop']],
    ['resource start |', ['vip', 'web', 'g', 'ga', 'gb', 'c', 'ca', 'db-clone', 'db']],
    ['resource start web |', ['vip', 'g', 'ga', 'gb', 'c', 'ca', 'db-clone', 'db']],
    ['resource promote |', ['c', 'db-clone']],
    ['resource trace g|', ['ga', 'gb']],
    ['resource move web |', ['n1', 'n2']],
    ['resource meta ga |', ['set', 'delete', 'show']],
    ['resource meta ga show |', ['target-role']],
    ['resource param vip set i|', ['ip']],
    ['node standby n|', ['n1', 'n2']],
    ['node attribute n2 show |', ['rack']],
    ['resource maintenance web o|', ['on', 'off']],
    ['maintenance action web mon|', ['monitor']],
    ['status fail|', ['failcounts']],
    ['options set core.wa|', ['core.wait']],
    ['options skill-level ex|', ['expert']],
    ['script run virt|', ['virtual-ip']],
    ['script run virtual-ip id=x |', ['ip=', 'cidr_netmask=', 'nic=', 'broadcast=']],
    ['site ticket gr|', ['grant']],
    ['help resource mo|', ['move']],
    ['nosuch |', []],
    ['node show n1 |', []],
  ])('%s', async (line, expected) => {
    expect(await candidates(line)).toEqual(expected);
  });

  it('knows the level it is at', async () => {
    expect(await candidates('sta|', 'resource')).toEqual(['start', 'status']);
    expect(await candidates('cd |', 'configure')).toContain('../');
    expect(await candidates('u|', 'site')).toEqual(['up']);
    expect(await candidates('u|')).toEqual([]);
  });

  it('is of the statement at the cursor, in a text of several', async () => {
    expect(await candidates('node show n1\nresource sto|')).toEqual(['stop']);
    expect(await candidates('resource \\\n  sto|')).toEqual(['stop']);
    const text = 'a\nb \\\nc';
    expect(statementStart(text, text.length)).toBe(2);
    expect(flatten('b \\\nc')).toBe('b   c');
  });

  it('comes with what the menu shows', async () => {
    const shell = openShell();
    const { items, from, to } = await completeAt(shell.session, 'resource mov', 12);
    expect({ from, to }).toEqual({ from: 9, to: 12 });
    expect(items[0]).toMatchObject({ kind: 'command', summary: 'Move a resource to another node' });
    expect(items[0]?.documentation).toContain('resource move web n2');
  });

  it.each([
    ['crm resource sta', 'start\nstatus\n'],
    ['crm -F -H n1 resource sto', 'stop\n'],
    ['crm configure primitive x ocf:', ''],
  ])('--compgen of "%s"', async (line, printed) => {
    const shell = openShell();
    await completeForShell(shell.session, shell.interpreter, { point: line.length, line });
    if (printed !== '') expect(shell.out).toBe(printed);
    // Behind a colon only the rest of the word: the shell breaks words there.
    else expect(shell.out).not.toContain('ocf:');
  });
});

describe('while typing', () => {
  const look = async (text: string, cursor = text.length) => {
    const shell = openShell();
    const { styles, problems } = await lookAtTyping(shell.session, text, cursor);
    return {
      styles: styles.map(({ start, end, style }) => `${text.slice(start, end)}:${style}`),
      problems: problems.map(({ message }) => message),
    };
  };

  it.each([
    ['node show n1', ['node:level', 'show:command']],
    ['resource param vip set ip=1', ['resource:level', 'param:command', 'ip=1:parameter']],
    ['# a remark', ['# a remark:comment']],
    ['nosuch x', ['nosuch:error']],
  ])('%s is coloured', async (text, styles) => {
    expect((await look(text)).styles).toEqual(styles);
  });

  it('what is merely unfinished is no mistake yet', async () => {
    expect((await look('resour')).problems).toEqual([]);
    expect((await look('resource st')).problems).toEqual([]);
    expect((await look('node show "n')).problems).toEqual([]);
    expect((await look('resource st vip')).problems).toEqual([
      'no command "st" at this level; short for several: start, status, stop',
    ]);
    expect((await look('resorce x')).problems).toEqual([
      'no command "resorce" at this level; did you mean resource?',
    ]);
  });

  it('each statement of a pasted text is looked at, with its place', async () => {
    expect((await look('node show\nnosuch x\nresource status')).problems).toHaveLength(1);
  });

  it('the grammar complains about statements of configure', async () => {
    const { problems } = await look('configure location l1 web 100 n1 ', 0);
    expect(problems.length).toBeGreaterThan(0);
  });
});
