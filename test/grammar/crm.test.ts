import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assist } from '../../grammar/crm/assist.js';
import { highlightText } from '../../grammar/crm/highlight.js';
import { closest } from '../../grammar/crm/nearest.js';
import { CrmParser } from '../../grammar/crm/parser.js';
import { printStatement } from '../../grammar/crm/print.js';
import { formatDiagnostic, readText } from '../../grammar/crm/read.js';
import { scanWords } from '../../grammar/crm/scan.js';
import { crmParser } from '../../grammar/crm/shared-parser.js';
import { KEYWORDS, STATEMENTS } from '../../grammar/crm/tokens.js';
import { statementUsage } from '../../grammar/crm/usage.js';
import { stepsOf } from '../cib/steps.js';

/** Statements in the form in which they are shown: read and printed again, they do not change. */
const SHOWN = [
  'node n1 attributes standby=off utilization cpu=4',
  'node 1: n1:remote description="in the cellar" attributes a=1 b="x y"',
  'node $id="5 5" n5',
  'primitive p Dummy',
  'primitive p ocf:pacemaker:Dummy params state="/run/x" meta target-role=Started op monitor interval=10s timeout=20s',
  'primitive p @tmpl params $id=x 2: rule #uname eq n1 a=1',
  'primitive p Dummy params @st1:fake params $id-ref=other',
  'primitive p Dummy operations $id=ops op monitor interval=10s op_params a=1 op_meta b=2',
  'rsc_template t IPaddr2 op start interval=0 timeout=20s',
  'group g a b c meta target-role=Stopped',
  'clone c a meta clone-max=2',
  'ms m a',
  'bundle b docker image="x:1" replicas=3 network ip-range-start=10.0.0.1 port-mapping port=80 id=b-0 primitive a',
  'location l a 100: n1',
  'location l a role=Started resource-discovery=never -inf: n1',
  'location l /web.*/ inf: n1',
  'location l { a ( b c ) } 10: n1',
  'location l a rule -inf: not_defined pingd or pingd number:lte 0',
  'location l a rule $role=Master pingd: defined pingd',
  'location l a rule date in start=2020-01-01 weeks=2',
  'location l a rule date lt "2030-01-01 12:00:00"',
  'colocation c inf: a b:Master node-attribute=rack',
  'colocation c -inf: a ( b c ) [ d e ]',
  'order o Mandatory: a:start b:promote symmetrical=false',
  'order o _rsc_set_ a b',
  'rsc_ticket t tA: a:Master b loss-policy=fence',
  'property cib-bootstrap-options: stonith-enabled=false',
  'property p: rule 10: #uname eq n1 and date spec hours=9-16 a=1',
  'rsc_defaults rsc-options: resource-stickiness=100',
  'op_defaults op-options: timeout=60s',
  'fencing_topology n1: ipmi power,pdu n2: ipmi2',
  'fencing_topology attr:rack=1 pdu1 pattern:web.* pdu2',
  'tag t a b',
  'role r read xpath:"//x[@id=\'a b\']" write meta:web:target-role deny ref:a',
  'acl_target joe r1 r2',
  'acl_group ops r1',
  'location l a rule -inf: ( a eq 1 or b eq 2 ) and c eq 3',
  'rsc_defaults rd: 5: rule resource class=ocf type=Dummy and ( date gt 2020-01-01 or x eq 1 ) priority=1',
  'op_defaults od: rule operation name=monitor interval=10s timeout=5s',
  'location l a rule resource eq 1',
  'colocation c inf: a b influence=false',
  'primitive p Dummy params $id=s $s-a:a=1 state="日本 語"',
  'alert al "/srv/x.sh" attributes a=1 select nodes attributes { x y } to { "/a" meta timeout=1 } meta timeout=2',
];

describe('the crm grammar', () => {
  it('is free of ambiguities but those that order resolves', () => {
    expect(() => new CrmParser({ skipValidations: false })).not.toThrow();
  });

  it.each(SHOWN)('reads and writes %s', (text) => {
    const { statements, diagnostics } = readText(text);
    expect(diagnostics).toEqual([]);
    expect(printStatement(statements[0]!.statement, 'line')).toBe(text);
  });

  it('takes any word for a name: nothing is reserved', () => {
    for (const word of KEYWORDS.keys()) {
      if (/^\W$/.test(word)) continue;
      const read = readText(`primitive ${word} Dummy params ${word}=1 meta ${word}=2`);
      expect(read.diagnostics, word).toEqual([]);
      expect(read.statements[0]?.statement).toMatchObject({ kind: 'primitive', id: word });
    }
  });

  it('knows keywords in any case, and names in their own', () => {
    const { statements } = readText('ORDER o MANDATORY: d1:Start D2 SYMMETRICAL=TRUE');
    expect(statements[0]?.statement).toMatchObject({ id: 'o', score: 'MANDATORY', symmetrical: 'TRUE' });
  });

  it('joins lines, keeps comments with the statement after them, and knows where everything stood', () => {
    const text = '# the address\nprimitive vip IPaddr2 \\\n\tparams ip=10.0.0.9\n\n  # alone\n';
    const { statements, comments } = readText(text);
    expect(statements[0]?.statement.comments).toEqual(['# the address']);
    expect(comments).toEqual(['# alone']);
    const ip = statements[0]?.words.at(-1);
    expect(text.slice(ip?.start, ip?.end)).toBe('ip=10.0.0.9');
  });

  it('resolves quotes as a shell does', () => {
    const { statements } = readText(`primitive p Dummy params a="x \\"y\\" \\z" b='it is' c=a\\ b d=""`);
    const [set] = (statements[0]!.statement as unknown as { parts: { values: { value: string }[] }[] }).parts;
    expect(set!.values.map(({ value }) => value)).toEqual(['x "y" \\z', 'it is', 'a b', '']);
  });
});

describe('constraints in the words of pcs', () => {
  it.each([
    ['colocation add vip with ping INFINITY id=c1', 'colocation c1 INFINITY: vip ping'],
    ['colocation add vip ping INFINITY id=c1', 'colocation c1 INFINITY: vip ping'],
    ['colocation vip ping -INFINITY id=c1', 'colocation c1 -INFINITY: vip ping'],
    ['colocation add Master db with ip score=50', 'colocation colocation-db-Master-ip-50 50: db:Master ip'],
    ['colocation add vip with ping', 'colocation colocation-vip-ping-INFINITY INFINITY: vip ping'],
    [
      'order ping then vip score=INFINITY symmetrical=false id=o1',
      'order o1 INFINITY: ping vip symmetrical=false',
    ],
    ['order ping then vip score=0 symmetrical=true id=o1', 'order o1 0: ping vip symmetrical=true'],
    [
      'order promote db then start fs kind=Optional',
      'order order-db-promote-fs-start-optional Optional: db:promote fs:start',
    ],
  ])('%s', (pasted, own) => {
    const { statements, diagnostics } = readText(pasted);
    expect(diagnostics).toEqual([]);
    const [expected] = readText(own).statements;
    expect(statements[0]!.statement).toEqual(expected!.statement);
  });

  it.each([
    'colocation c vip',
    'colocation c vip ping',
    'colocation add vip with ping foo id=c1',
    'colocation vip ping INFINITY id=c1 foo=1',
    'order ping then vip score=INFINITY id=',
    'order ping vip score=INFINITY',
  ])('%s stays a mistake', (text) => {
    expect(readText(text).diagnostics).toHaveLength(1);
  });
});

describe('mistakes', () => {
  const complaint = (text: string) => {
    const { diagnostics } = readText(text);
    return diagnostics.map((one) => formatDiagnostic(one, text)).join('\n');
  };

  it.each([
    ['role r raed cib', 'read'],
    ['role r read xpth:/cib', 'xpath:/cib'],
    ['role r read xpath:/cib dney ref:a', 'deny'],
    ['role r write typ:primitive attr:id', 'type:primitive'],
  ])('%s: one mistake, did you mean %s?', (text, meant) => {
    expect(readText(text).diagnostics.map(({ suggestion }) => suggestion)).toEqual([meant]);
  });

  it('are shown with line, column, caret, and what was probably meant', () => {
    expect(complaint('node n1\nprimitve p Dummy').split('\n')).toEqual([
      'line 2:1: Unknown command primitve',
      '  primitve p Dummy',
      '  ^^^^^^^^',
      '  did you mean primitive?',
    ]);
  });

  it('say what was expected', () => {
    expect(complaint('colocation c a b')).toContain('expected a score and a colon');
    expect(complaint('clone c')).toContain('expected a resource');
    expect(complaint('location l a rule x foo 1')).toContain('foo is no comparison');
  });

  it('are all found in one go', () => {
    const { diagnostics, statements } = readText(
      'primitive\nnode n1\nclone c\nprimitive p "open\ngroup g a a\n',
    );
    expect(diagnostics.map(({ code }) => code)).toEqual([
      'incomplete',
      'incomplete',
      'quotation',
      'duplicate',
    ]);
    expect(statements).toHaveLength(1);
  });

  it.each([
    'order o Mandatory: ( a b',
    'order o Mandatory: a ) b',
    'order o Mandatory: ( a [ b ] )',
    'colocation c inf: ( ) a',
    'colocation c inf: a b foo=bar',
    'location l { } 10: n1',
    'location l a',
    'location l a rule x eq 1 and y eq 2 or z eq 3',
    'property',
    'role r',
    'tag t',
    'monitor p',
    'primitive p Dummy op',
    'primitive p Dummy operations op monitor',
    'group g a meta x=1 op',
    'xml',
  ])('refuses %s', (text) => {
    const { statements, diagnostics } = readText(text);
    expect(statements).toEqual([]);
    expect(diagnostics.length).toBeGreaterThan(0);
  });

  it('suggest only what is near', () => {
    expect(closest('primitve', ['primitive', 'property'])).toBe('primitive');
    expect(closest('parms', ['params', 'meta'])).toBe('params');
    expect(closest('xyzzy', ['params', 'meta'])).toBeUndefined();
  });
});

describe('assistance', () => {
  /** Terminals and keywords that may stand at `<|>`. */
  const at = (text: string) => {
    const [before] = text.split('<|>');
    const { expected } = assist(scanWords(before!));
    return expected.map(({ keyword, terminal }) => keyword ?? terminal);
  };

  it.each([
    ['<|>', ['primitive', 'location', 'property']],
    ['primitive p <|>', ['AgentSpec']],
    ['primitive p Dummy <|>', ['params', 'meta', 'op', 'utilization', 'NameValue', 'Description']],
    ['primitive p Dummy op <|>', ['OperationName']],
    ['primitive params Dummy params meta=1 <|>', ['params', 'meta', 'op']],
    ['group g a <|>', ['Member', 'meta']],
    ['clone c <|>', ['ResourceRef']],
    ['location l a <|>', ['Score', 'rule', 'NameValue']],
    ['location l a 100: <|>', ['NodeName']],
    ['location l a rule <|>', ['Score', 'date', 'defined', 'AttributeName']],
    ['location l a rule x <|>', ['Operator']],
    ['location l a rule x eq 1 <|>', ['and', 'or', 'rule']],
    ['colocation c <|>', ['Score']],
    ['order o <|>', ['Score', 'Member']],
    ['order o Mandatory: a b <|>', ['Symmetrical']],
    ['role r <|>', ['read', 'write', 'deny']],
    ['alert a /x <|>', ['to', 'select', 'attributes', 'meta']],
  ])('%s offers %j', (text, wanted) => {
    expect(at(text)).toEqual(expect.arrayContaining(wanted));
  });

  it('offers nothing after what makes no sense', () => {
    expect(at('location l a 10: n1 n2 <|>')).toEqual([]);
  });

  it('stays quick however many words could be names or keywords', () => {
    const text = `primitive p Dummy ${'op meta params utilization '.repeat(60)}`;
    // Were the ways to read it to multiply, this would not end.
    expect(assist(scanWords(text)).before).toHaveLength(3 + 60 * 4);
  });
});

describe('highlighting', () => {
  it('tells what each stretch is', () => {
    const text = '# note\nprimitive vip IPaddr2 params ip=10.0.0.9\nclone c';
    const spans = highlightText(text).map(({ start, end, category }) => [text.slice(start, end), category]);
    expect(spans).toEqual([
      ['# note', 'comment'],
      ['primitive', 'keyword'],
      ['vip', 'id'],
      ['IPaddr2', 'agent'],
      ['params', 'keyword'],
      ['ip', 'name'],
      ['10.0.0.9', 'value'],
      ['clone', 'keyword'],
      ['c', 'id'],
    ]);
  });
});

describe('any input', () => {
  const word = fc.oneof(
    fc.constantFrom(
      ...KEYWORDS.keys(),
      'a',
      'a=b',
      'a:',
      '$id=x',
      '@r',
      'a:b',
      '"',
      "'",
      '\\',
      '\n',
      '#',
      '{',
      'a="b',
    ),
    fc.string({ maxLength: 8 }),
  );

  it.each(['node node @', 'primitive d Dummy @:x'])('%s is read', (text) => {
    expect(readText(text).statements.length + readText(text).diagnostics.length).toBeGreaterThan(0);
  });

  it('never crashes the reader, the assistant or the highlighter', () => {
    fc.assert(
      fc.property(fc.array(word, { maxLength: 30 }), (words) => {
        const text = words.join(' ');
        readText(text);
        highlightText(text);
        assist(words.map((one) => ({ text: one, start: 0, end: 0 })));
      }),
      { numRuns: 300 },
    );
  });

  it.each([
    [
      'many statements',
      (count: number) => 'primitive p Dummy params a=1 b="x y" op monitor interval=10s\n'.repeat(count),
    ],
    [
      'one statement over many lines',
      (count: number) => `primitive p Dummy params${' \\\n a=1 b="x y"'.repeat(count)}`,
    ],
    ['one long line', (count: number) => `group g${' a1 a2 a3 a4'.repeat(count)}`],
    [
      'many mistakes',
      (count: number) => 'primitiv p Dummy params a=1\nlocation l x y z\n'.repeat(count / 40),
    ],
  ])('takes time in proportion to its length: %s', (_, lines) => {
    const steps = (text: string) => stepsOf(crmParser(), ['LA'], () => readText(text));
    expect(steps(lines(4000)) / steps(lines(500))).toBeLessThan(8.5);
  });
});

describe('usage', () => {
  it('is written from the grammar for every statement', () => {
    for (const { LABEL: keyword } of STATEMENTS) {
      const lines = statementUsage(keyword!);
      expect(lines?.[0], keyword).toMatch(new RegExp(`^${keyword}( |$)`));
    }
    expect(statementUsage('show')).toBeUndefined();
  });

  it('names the parts that stand in several places, and explains each once', () => {
    expect(statementUsage('order')).toEqual([
      'order <id> [<kind>:|<score>:] members [symmetrical=]',
      '  members := {(bracketSet | _rsc_set_ | sequential=|require-all= | <resource>[:<role>|:<action>])}',
      '  bracketSet := ("(" | "[")',
      '    {(sequential=|require-all= | <resource>[:<role>|:<action>])} (")" | "]")',
    ]);
    const explained = statementUsage('primitive')!.flatMap((line) => /^ {2}(\w+) :=/.exec(line)?.[1] ?? []);
    expect(explained).toEqual([...new Set(explained)]);
    expect(explained).toContain('ruleBody');
  });
});
