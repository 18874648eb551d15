import { describe, expect, it } from 'vitest';
import { parseInvocation } from '../../src/shell/invocation.js';
import { loggable } from '../../src/shell/loggable.js';
import { joinArguments, QuoteError, quoteWord, splitAtCursor, splitWords } from '../../src/shell/words.js';

describe('splitting a line into words', () => {
  it.each([
    ['a b  c', ['a', 'b', 'c']],
    ['  lead and trail  ', ['lead', 'and', 'trail']],
    [`state="a b"`, ['state=a b']],
    [`'a "b" c'`, ['a "b" c']],
    [`"say \\"hi\\""`, ['say "hi"']],
    [`"c:\\dir"`, ['c:\\dir']],
    ['a\\ b', ['a b']],
    [`''`, ['']],
    ['# is=a#word', ['#', 'is=a#word']],
  ])('%s', (line, words) => {
    expect(splitWords(line).map(({ text }) => text)).toEqual(words);
  });

  it('knows where each word stands', () => {
    expect(splitWords(`ab "c d" e`)).toEqual([
      { text: 'ab', start: 0, end: 2 },
      { text: 'c d', start: 3, end: 8 },
      { text: 'e', start: 9, end: 10 },
    ]);
  });

  it.each([
    [`it's`, 2],
    ['a "b', 2],
    ['end\\', 3],
  ])('refuses what is never closed: %s', (line, offset) => {
    expect(() => splitWords(line)).toThrow(QuoteError);
    try {
      splitWords(line);
    } catch (error) {
      expect((error as QuoteError).offset).toBe(offset);
    }
  });

  it.each([
    ['resource st', ['resource'], 'st', 9],
    ['resource ', ['resource'], '', 9],
    ['param "a b', ['param'], 'a b', 6],
    ['', [], '', 0],
  ])('at the cursor of "%s"', (line, words, word, start) => {
    expect(splitAtCursor(line)).toEqual({ words, word, start });
  });

  it.each([
    [
      ['configure', 'show'],
      ['configure', 'show'],
    ],
    [
      ['params', 'state=a b'],
      ['params', 'state=a b'],
    ],
    [
      ['params', 'state="x"'],
      ['params', 'state=x'],
    ],
    [
      ['cmd', ''],
      ['cmd', ''],
    ],
    [
      ['filter', "sed 's/a/b/'"],
      ['filter', "sed 's/a/b/'"],
    ],
  ])('arguments %j come out as crmsh takes them', (args, words) => {
    expect(splitWords(joinArguments(args)).map(({ text }) => text)).toEqual(words);
  });

  it.each(['plain', 'two words', `it's`, 'say "hi"', `both ' and "`, 'back\\slash', ''])(
    'quoteWord(%j) splits back',
    (word) => {
      expect(splitWords(quoteWord(word)).map(({ text }) => text)).toEqual([word]);
    },
  );
});

describe('the command line', () => {
  it('takes options up to the first word', () => {
    const parsed = parseInvocation(['-F', '-w', '-D', 'plain', 'status', '-r']);
    expect(parsed).toMatchObject({
      kind: 'run',
      invocation: { force: true, wait: true, settings: [['color.style', 'plain']], words: ['status', '-r'] },
    });
  });

  it.each([
    [['-H', 'root@n1,n2', 'status'], { hosts: ['root@n1', 'n2'] }],
    [['--file=x.crm'], { files: ['x.crm'] }],
    [['-fx.crm'], { files: ['x.crm'] }],
    [['-Fw', 'status'], { force: true, wait: true }],
    [['-o', 'core.wait=yes', 'status'], { settings: [['core.wait', 'yes']] }],
    [['-c', 'test', 'status'], { shadow: 'test' }],
    [['--compgen', '5', 'crm s'], { compgen: { point: 5, line: 'crm s' } }],
  ])('%j', (argv, expected) => {
    expect(parseInvocation(argv)).toMatchObject({ kind: 'run', invocation: expected });
  });

  it.each([
    [['--bogus']],
    [['-f']],
    [['-o', 'core.nosuch=1']],
    [['-o', 'wait']],
    [['-o', 'core.wait=maybe', 'status']],
    [['-D', 'pink', 'status']],
    [['--compgen', 'x', 'y']],
  ])('refuses %j', (argv) => {
    expect(parseInvocation(argv).kind).toBe('wrong');
  });
});

describe('what may stand in the log', () => {
  it.each([
    ['crm resource stop web', 'crm resource stop web'],
    [
      'configure primitive f ocf:d:floatip params do_token=abc ip=1',
      'configure primitive f ocf:d:floatip params do_token=****** ip=1',
    ],
    ['resource param db set password "a b"', 'resource param db set password ******'],
    ['resource secret db set x hunter2', 'resource secret db set x ******'],
    ['node attribute n1 set rack 3', 'node attribute n1 set rack 3'],
  ])('%s', (line, logged) => {
    expect(loggable(line)).toBe(logged);
  });
});
