import { describe, expect, test } from 'vitest';
import { suggestions } from '../../grammar/ldirectord/assist.js';
import { readLdirectord, readRealServer } from '../../grammar/ldirectord/check.js';
import { parseLdirectord, validateGrammar } from '../../grammar/ldirectord/parser.js';

const FILE = `# Global Directives
checktimeout=3
checkinterval = 1
autoreload=yes
logfile="/var/log/ldirectord.log"
quiescent=no

virtual=192.168.6.240:80
	servicename=Web Site
    real=192.168.6.2:80 gate
    real = 192.168.6.3->192.168.6.5:80 gate 2 "index.html", "Test # Page"
	fallback=127.0.0.1:80 gate
	service=http
	scheduler=rr
	#persistent=600
	protocol=tcp
	checktype=negotiate
	checkport=80
	request="index.html"
	receive="Test Page"
	virtualhost=www.x.y.z

virtual=1
	real=192.168.6.2 gate
	service=http
	protocol=fwm
	checktype=3
	request="index.html"
	receive="Test Page"
`;

test('the grammar itself is sound', () => {
  expect(validateGrammar).not.toThrow();
});

test('a file as the manual has it', () => {
  const { file, mistakes } = readLdirectord(FILE);
  expect(mistakes).toEqual([]);
  expect(file.globals.map(({ name, value }) => `${name}=${value}`)).toEqual([
    'checktimeout=3',
    'checkinterval=1',
    'autoreload=yes',
    'logfile="/var/log/ldirectord.log"',
    'quiescent=no',
  ]);
  expect(file.services).toMatchObject([
    { value: '192.168.6.240:80', place: { line: 8, column: 1 } },
    { value: '1' },
  ]);
  expect(file.services[0]!.settings).toHaveLength(12);
  expect(file.services[0]!.settings[1]).toMatchObject({
    name: 'real',
    value: '192.168.6.2:80 gate',
    place: { line: 10, column: 5 },
    valuePlace: { line: 10, column: 10 },
  });
});

test('a real server in parts', () => {
  expect(readRealServer('192.168.6.3->192.168.6.5:80 masq 2 "index.html", "Test"')).toEqual({
    address: '192.168.6.3',
    to: '192.168.6.5',
    port: '80',
    method: 'masq',
    weight: '2',
    request: 'index.html',
    receive: 'Test',
  });
  expect(readRealServer('web1:http ipip')).toEqual({ address: 'web1', port: 'http', method: 'ipip' });
  expect(readRealServer('[fe80::2]:80 gate')).toMatchObject({ address: '[fe80::2]', port: '80' });
});

describe('mistakes', () => {
  const service = (...lines: string[]): string =>
    ['virtual=10.0.0.1:80', ...lines.map((line) => `    ${line}`), ''].join('\n');
  const real = 'real=10.0.0.2:80 gate';
  const checked = ['request="i"', 'receive="x"'];

  test.each<[string, string, string, RegExp]>([
    ['no real servers', service(...checked), 'no-real-server', /real=ADDRESS:PORT gate/],
    ['unknown scheduler', service(real, ...checked, 'scheduler=rrr'), 'unknown-scheduler', /did you mean rr/],
    ['request without receive', service(real, 'request="index.html"'), 'no-receive', /receive=/],
    ['receive without request', service(real, 'receive="x"'), 'no-request', /request=/],
    ['an unknown setting', service(real, ...checked, 'chektype=connect'), 'unknown-setting', /checktype/],
    [
      'a setting of a service that is not in one',
      `checktype=connect\n${service(real, ...checked)}`,
      'misplaced',
      /indent/,
    ],
    ['a setting of all in one', service(real, ...checked, 'autoreload=yes'), 'misplaced', /top/],
    ['no forwarding method', service('real=10.0.0.2:80', ...checked), 'real-server', /gate/],
    [
      'an unknown forwarding method',
      service('real=10.0.0.2:80 gat', ...checked),
      'method',
      /did you mean gate/,
    ],
    ['an address that is none', service('real=10.0.0.300:80 gate', ...checked), 'real-server', /real=192/],
    ['the same server twice', service(real, real, ...checked), 'duplicate', /away/],
    ['a service without a port', `virtual=10.0.0.1\n    ${real}\n`, 'virtual', /192\.168\.6\.240:80/],
    [
      'an IPv6 service',
      `virtual=[fe80::1]:80\n    real6=[fe80::2]:80 gate\n    checktype=connect\n`,
      'virtual',
      /virtual6/,
    ],
    [
      'three blanks',
      `virtual=10.0.0.1:80\n   ${real}\n    checktype=connect\n`,
      'indentation',
      /four blanks/,
    ],
    [
      'indented without a service',
      `    ${real}\n${service(real, ...checked)}`,
      'no-service',
      /below a 'virtual/,
    ],
    ['no quotes', service(real, 'request=index.html', 'receive="x"'), 'quotes', /request="index\.html"/],
    ['no value', service(real, ...checked, 'checkport='), 'no-value', /port of the check/],
    ['no equals sign', service(real, ...checked, 'checktype connect'), 'no-equals', /checktype=connect/],
    [
      'neither yes nor no',
      `autoreload=true\n${service(real, ...checked)}`,
      'invalid-value',
      /autoreload=yes/,
    ],
    ['a number that is none', `checktimeout=three\n${service(real, ...checked)}`, 'invalid-value', /seconds/],
    [
      'a regular expression that is none',
      service(real, 'request="i"', 'receive="(x"'),
      'expression',
      /escape/,
    ],
    [
      'an external check without a command',
      service(real, 'checktype=external'),
      'no-command',
      /checkcommand/,
    ],
    [
      'nobody knows what is spoken',
      'virtual=10.0.0.1:8080\n    real=10.0.0.2:8080 gate\n',
      'not-checked',
      /service=http/,
    ],
    [
      'a database check without a database',
      'virtual=10.0.0.1:3306\n    real=10.0.0.2:3306 gate\n    login="u"\n    request="q"\n',
      'incomplete-check',
      /database=/,
    ],
    [
      'a mark and tcp',
      `virtual=7\n    real=10.0.0.2 gate\n    checktype=connect\n    protocol=tcp\n`,
      'protocol',
      /fwm/,
    ],
    ['another port without masq', service('real=10.0.0.2:8080 gate', ...checked), 'port-mapping', /masq/],
    [
      'a service twice',
      service(real, ...checked) + service(real, ...checked),
      'duplicate-service',
      /below one/,
    ],
    ['HEAD with receive', service(real, ...checked, 'httpmethod=HEAD'), 'head-receive', /GET/],
    ['an old name', `timeout=3\n${service(real, ...checked)}`, 'unknown-setting', /checktimeout/],
    ['deprecated', service(real, ...checked, 'checkcount=3'), 'deprecated', /failurecount/],
    ['nothing', '# nothing\n', 'no-services', /virtual=ADDRESS:PORT/],
  ])('%s', (_, text, code, fix) => {
    const { mistakes } = readLdirectord(text);
    expect(mistakes.map((each) => each.code)).toEqual([code]);
    expect(mistakes[0]!.fix).toMatch(fix);
  });

  test('several at once, in the order of the text', () => {
    const text = 'autoreload=maybe\nvirtual=10.0.0.1:80\n    scheduler=round\n';
    expect(readLdirectord(text).mistakes.map(({ code, place }) => `${place.line} ${code}`)).toEqual([
      '1 invalid-value',
      '2 no-real-server',
      '3 unknown-scheduler',
    ]);
  });

  test.each(['', '=', '=x', '\t', 'a b c\n', 'virtual', '   x\n\t=', '"', 'x=\r\n\ty=1\r\n'])(
    'any text is read: %j',
    (text) => {
      expect(() => parseLdirectord(text)).not.toThrow();
    },
  );
});

test.each<[string, string[]]>([
  ['check<|>', ['checktimeout', 'checkinterval', 'checkcount']],
  [
    'virtual=1\n    check<|>',
    ['checktimeout', 'checkinterval', 'checkcount', 'checktype', 'checkcommand', 'checkport'],
  ],
  ['virtual=1\n\tscheduler=w<|>', ['wrr', 'wlc']],
  ['autoreload=<|>', ['yes', 'no']],
  ['virtual=1\n\treal=10.0.0.2:80 <|>', ['gate', 'masq', 'ipip']],
  ['virtual=1\n\treal=10.0<|>', []],
])('completion of %j', (text, expected) => {
  expect(suggestions(text.replace('<|>', '')).map((each) => each.text)).toEqual(expected);
});
