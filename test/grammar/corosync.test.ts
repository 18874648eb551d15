import { describe, expect, test } from 'vitest';
import { mistakeText } from '../../grammar/corosync/ast.js';
import { toCmap } from '../../grammar/corosync/cmap.js';
import { readConfiguration } from '../../grammar/corosync/configuration.js';
import { parseCorosync, validateGrammar } from '../../grammar/corosync/parser.js';
import { printCorosync } from '../../grammar/corosync/print.js';

/** As DigitalOcean's and many other tutorials have it. */
const TUTORIAL = `totem {
    version: 2
    cluster_name: lbcluster
    transport: udpu
    interface {
        ringnumber: 0
        bindnetaddr: 10.77.0.1
        broadcast: yes
        mcastport: 5405
    }
}

quorum {
    provider: corosync_votequorum
    two_node: 1
}

nodelist {
    node {
        ring0_addr: 10.77.0.1
        name: primary
        nodeid: 1
    }
    node {
        ring0_addr: 10.77.0.2
        name: secondary
        nodeid: 2
    }
}

# to a file, for this host has no syslog
logging {
    to_logfile: yes
    logfile: /var/log/corosync/corosync.log
    to_syslog: yes
    timestamp: on
}
`;

test('the grammar itself is sound', () => {
  expect(validateGrammar).not.toThrow();
});

test('the tutorial file is read, and printed as it was', () => {
  const { configuration, file, mistakes } = readConfiguration(TUTORIAL);
  expect(mistakes).toEqual([]);
  expect(printCorosync(file)).toBe(TUTORIAL);
  expect(configuration).toMatchObject({
    totem: {
      clusterName: 'lbcluster',
      transport: 'udpu',
      tokenMs: 3000,
      tokenRetransmitMs: 714,
      holdMs: 561,
      consensusMs: 3600,
      joinMs: 50,
      cryptoCipher: 'none',
      keyFile: '/etc/corosync/authkey',
      interfaces: [{ linkNumber: 0, bindNetAddress: '10.77.0.1', broadcast: true, mcastPort: 5405 }],
    },
    quorum: { provider: 'corosync_votequorum', expectedVotes: 2, twoNode: true, waitForAll: true },
    nodes: [
      { nodeId: 1, name: 'primary', addresses: ['10.77.0.1'], votes: 1 },
      { nodeId: 2, name: 'secondary', addresses: ['10.77.0.2'], votes: 1 },
    ],
    logging: { toLogfile: true, logfile: '/var/log/corosync/corosync.log', timestamp: 'on' },
  });
});

test('the keys of the configuration map', () => {
  const keys = toCmap(parseCorosync(TUTORIAL).file).map(
    ({ key, type, value }) => `${key} (${type}) = ${value}`,
  );
  expect(keys).toEqual([
    'logging.logfile (str) = /var/log/corosync/corosync.log',
    'logging.timestamp (str) = on',
    'logging.to_logfile (str) = yes',
    'logging.to_syslog (str) = yes',
    'nodelist.node.0.name (str) = primary',
    'nodelist.node.0.nodeid (u32) = 1',
    'nodelist.node.0.ring0_addr (str) = 10.77.0.1',
    'nodelist.node.1.name (str) = secondary',
    'nodelist.node.1.nodeid (u32) = 2',
    'nodelist.node.1.ring0_addr (str) = 10.77.0.2',
    'quorum.provider (str) = corosync_votequorum',
    'quorum.two_node (u8) = 1',
    'totem.cluster_name (str) = lbcluster',
    'totem.interface.0.bindnetaddr (str) = 10.77.0.1',
    'totem.interface.0.broadcast (str) = yes',
    'totem.interface.0.mcastport (u16) = 5405',
    'totem.interface.ringnumber (str) = 0',
    'totem.transport (str) = udpu',
    'totem.version (u32) = 2',
  ]);
});

describe('derived values', () => {
  const knet = (totem: string, count: number, quorum = '') =>
    readConfiguration(
      `totem {\nversion: 2\n${totem}\n}\nquorum {\nprovider: corosync_votequorum\n${quorum}\n}\nnodelist {\n${Array.from(
        { length: count },
        (_, i) => `node {\nnodeid: ${i + 1}\nname: n${i + 1}\nring0_addr: 10.0.0.${i + 1}\n}\n`,
      ).join('')}}\n`,
    );

  test.each([
    ['token: 1000', 2, { tokenMs: 1000, tokenRetransmitMs: 238, holdMs: 180, consensusMs: 1200 }],
    ['token: 1000', 5, { tokenMs: 2950, tokenConfiguredMs: 1000, consensusMs: 3540 }],
    ['token: 1000\ntoken_coefficient: 0', 5, { tokenMs: 1000 }],
    ['', 3, { tokenMs: 3650 }],
    ['consensus: 2000', 2, { consensusMs: 2000 }],
    ['token: 1000\ntoken_retransmits_before_loss_const: 10', 2, { tokenRetransmitMs: 98 }],
    ['secauth: on', 2, { cryptoCipher: 'aes256', cryptoHash: 'sha256' }],
    ['crypto_cipher: none\nsecauth: on', 2, { cryptoCipher: 'none', cryptoHash: 'sha256' }],
  ])('%j, %i nodes', (totem, count, expected) => {
    const { configuration, mistakes } = knet(totem, count);
    expect(mistakes).toEqual([]);
    expect(configuration?.totem).toMatchObject(expected);
  });

  test.each([
    [2, 'two_node: 1', { twoNode: true, waitForAll: true }],
    [2, 'two_node: 1\nwait_for_all: 0', { twoNode: true, waitForAll: false }],
    [3, 'two_node: 1', { twoNode: false, waitForAll: true }],
    [
      4,
      'auto_tie_breaker: 1\nauto_tie_breaker_node: 3 4',
      { autoTieBreaker: true, autoTieBreakerNode: [3, 4] },
    ],
    [3, 'auto_tie_breaker: 1', { autoTieBreaker: false, waitForAll: false }],
    [2, 'auto_tie_breaker: 1\ntwo_node: 1', { autoTieBreaker: true, twoNode: false, waitForAll: true }],
    [4, 'auto_tie_breaker: 1', { autoTieBreakerNode: 'lowest', expectedVotes: 4 }],
    [3, 'expected_votes: 8', { expectedVotes: 8 }],
    [
      2,
      'device {\nvotes: 1\nmodel: net\nnet {\nhost: arb\ntie_breaker: 2\n}\n}',
      {
        expectedVotes: 3,
        twoNode: false,
        device: { votes: 1, net: { host: 'arb', port: 5403, algorithm: 'ffsplit', tieBreaker: 2 } },
      },
    ],
    [
      3,
      'device {\nmodel: net\nnet {\nhost: arb\nalgorithm: lms\nport: 99\n}\n}',
      { expectedVotes: 5, device: { votes: 2, net: { algorithm: 'lms', port: 99, tieBreaker: 'lowest' } } },
    ],
    [2, 'yield_when_isolated: no', { yieldWhenIsolated: false }],
  ])('quorum of %i nodes with %j', (count, quorum, expected) => {
    expect(knet('', count, quorum).configuration?.quorum).toMatchObject(expected);
  });

  test.each([
    ['device {\nvotes: 1\n}', /needs 'model: net'.*needs 'net \{ host: ADDRESS \}'/],
    ['device {\nmodel: net\nvotes: 1\nnet {\n}\n}', /needs 'net \{ host: ADDRESS \}'/],
    ['device {\nmodel: net\nvotes: 2\nnet {\nhost: arb\n}\n}', /must have one vote, not 2/],
    ['device {\nmodel: net\nnet {\nhost: arb\nalgorithm: dice\n}\n}', /'dice' is neither ffsplit nor lms/],
    [
      'device {\nmodel: net\nvotes: 1\nnet {\nhost: arb\ntie_breaker: 7\n}\n}',
      /'7' is neither lowest, highest nor the id of a node/,
    ],
  ])('a quorum device that cannot work is refused: %j', (quorum, complaint) => {
    const { mistakes } = knet('', 2, quorum);
    expect(mistakes.map(({ message }) => message).join(' ')).toMatch(complaint);
  });

  test('without nodeid, udpu takes the address for it', () => {
    const file = 'totem {\nversion: 2\ntransport: udpu\n}\nnodelist {\nnode {\nring0_addr: 10.0.0.1\n}\n}\n';
    expect(readConfiguration(file).configuration?.nodes[0]).toMatchObject({
      nodeId: 167772161,
      name: '10.0.0.1',
    });
  });
});

test('comments, blank lines, odd blanks, CRLF and settings that we do not know survive', () => {
  const odd =
    '# top\r\n  totem{\r\n\tversion:2\n\n# inside\n    x_y :  a:b # c\n  interface: {\n}\n }\nlogging {\n}  ';
  expect(printCorosync(parseCorosync(odd).file)).toBe(
    '# top\ntotem {\n    version: 2\n\n    # inside\n    x_y: a:b # c\n    interface {\n    }\n}\nlogging {\n}\n',
  );
  expect(parseCorosync(odd).mistakes).toEqual([]);
});

describe('each mistake is told with its place', () => {
  const syntax: [string, string[]][] = [
    ['totem {\nversion: 2\n', ["c:1:1: the section 'totem' has no closing '}'"]],
    ['}\n', ["c:1:1: '}' without a section that it could close"]],
    ['{\n}\n', ["c:1:1: the section's name is missing before '{'"]],
    [
      'totem { version: 2 }\n',
      ["c:1:9: nothing may follow '{' on its line: each setting and '}' stands on a line of its own"],
    ],
    ['totem {\n} x\n', ["c:2:3: 'x' after '}': the closing brace stands on a line of its own"]],
    ['totem {\nx }\n', ["c:2:1: 'x' before '}': the closing brace stands on a line of its own"]],
    [
      'totem {\n  version 2\n}\n',
      ["c:2:3: 'version 2' is neither 'key: value' nor the start ('name {') or end ('}') of a section"],
    ],
    ['totem {\n: 2\n}\n', ["c:2:1: a key is missing before ':'"]],
    ['a: b {\n}\n', ["c:1:6: a value may not hold '{': Corosync takes the line for the start of a section"]],
    [`k: ${'ü'.repeat(260)}\n`, ['c:1:1: the line is longer than 510 bytes']],
    [
      'x\ny\n}',
      [expect.stringContaining('c:1:1'), expect.stringContaining('c:2:1'), expect.stringContaining('c:3:1')],
    ],
  ];
  test.each(syntax)('%j', (text, expected) => {
    expect(parseCorosync(text).mistakes.map((mistake) => mistakeText('c', mistake))).toEqual(expected);
  });

  const node = (lines: string) =>
    `nodelist {\nnode {\nring0_addr: 10.0.0.1\nnodeid: 1\n}\nnode {\n${lines}\n}\n}\n`;
  const meaning: [string, string][] = [
    ['totem {\n}\n', "c:1:1: totem needs 'version: 2'"],
    ['totem {\nversion: 1\n}\n', "c:2:10: version: '1' is not 2"],
    [
      'totem {\nversion: 2\ntoken: fast\n}\n',
      "c:3:8: token: 'fast' is not a whole number from 0 to 4294967295",
    ],
    ['totem {\nversion: 2\ntransport: tcp\n}\n', "c:3:12: transport: 'tcp' is none of knet, udpu, udp"],
    ['totem {\nversion: 2\ntoken: 20\n}\n', 'c:3:8: token: 20 ms may not be less than 30 ms'],
    ['totem {\nversion: 2\nconsensus: 40\n}\n', 'c:3:12: consensus: 40 ms may not be less than join, 50 ms'],
    ['totem {\nversion: 2\ncrypto_cipher: aes256\n}\n', 'c:3:1: crypto_cipher needs crypto_hash, too'],
    [`totem {\nversion: 2\n}\n${node('nodeid: 2')}`, "c:9:1: a node needs 'ring0_addr: ADDRESS'"],
    [
      `totem {\nversion: 2\n}\n${node('ring0_addr: 10.0.0.2')}`,
      "c:9:1: with knet each node needs 'nodeid: NUMBER'",
    ],
    [
      `totem {\nversion: 2\n}\n${node('ring0_addr: 10.0.0.2\nnodeid: 1')}`,
      "c:11:9: nodeid: 1 is already that of '10.0.0.1'",
    ],
    [
      `totem {\nversion: 2\n}\n${node('ring0_addr: 10.0.0.1\nnodeid: 2')}`,
      'c:10:13: ring0_addr: 10.0.0.1 is already the ring0_addr of the node at line 5',
    ],
    [
      `totem {\nversion: 2\ntransport: udpu\n}\n${node('ring0_addr: a\nring1_addr: b\nnodeid: 2')}`,
      'c:12:1: ring1_addr: udpu has 1 link, numbered from 0',
    ],
    [`totem {\nversion: 2\n}\n${node('ring0_addr: 10.0.0.2\nnodeid: 0')}`, 'c:11:9: nodeid: 0 is reserved'],
    [
      'totem {\nversion: 2\n}\nquorum {\nprovider: corosync_votequorum\n}\n',
      'c:4:1: quorum needs a nodelist or expected_votes',
    ],
    ['totem {\nversion: 2\ntokn: 5\n}\n', "c:3:1: there is no setting 'totem.tokn'"],
    ['totem {\nversion: 2\n}\ntotm {\n}\n', "c:4:1: there is no section 'totm'"],
    ['totem {\nversion: 2\n}\nuidgid {\nname: x\n}\n', 'c:5:1: uidgid takes only uid and gid'],
  ];
  test.each(meaning)('%j', (text, expected) => {
    expect(readConfiguration(text).mistakes.map((mistake) => mistakeText('c', mistake))).toContain(expected);
  });
});
