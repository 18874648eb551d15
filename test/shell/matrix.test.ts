/** Every command is exercised: MATRIX says by what, docs/commands.md shows it. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { writeXml } from '../../src/cib/xml.js';
import { usage } from '../../src/shell/command.js';
import { commands } from './every-command.js';
import { openShell } from './fixture.js';
import { MATRIX, type Row } from './matrix.js';
import { MISSING } from './missing.js';

const PROJECT = join(import.meta.dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'crm-matrix-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const STATE = {
  clusterName: 'lab',
  localNode: 'n1',
  dc: 'n1',
  quorate: true,
  viewId: 3,
  votes: { expected: 2, total: 2, quorum: 1 },
  members: ['n1', 'n2'].map((name, index) => ({
    nodeId: index + 1,
    name,
    online: true,
    votes: 1,
    addresses: [`10.0.0.${index + 1}`],
    linkLatencyMs: [0.3],
    version: null,
  })),
  transition: null,
};

const METADATA = `<?xml version="1.0"?><resource-agent name="Dummy"><version>1</version>
<longdesc lang="en">Does nothing.</longdesc><shortdesc lang="en">A dummy</shortdesc>
<parameters><parameter name="ip"><content type="string"/></parameter><parameter name="state"><content type="string"/></parameter></parameters>
<actions><action name="start" timeout="20s"/><action name="stop" timeout="20s"/><action name="monitor" timeout="20s" interval="10s"/></actions></resource-agent>`;

const ANSWERS = {
  'cluster.state': () => STATE,
  'cluster.wait-idle': () => ({ idle: true }),
  'cluster.reload': () => ({ complaints: [] }),
  'history.events': () => ({ events: [] }),
  'history.inputs': () => ({ inputs: [] }),
  'agents.list': ({ class: agentClass }: { class: string }) => ({
    agents: agentClass === 'ocf' ? ['Dummy', 'IPaddr2', 'Stateful'] : [],
  }),
  'agents.metadata': () => ({ xml: METADATA }),
  'resource.cleanup': ({ resource }: { resource?: string }) => ({
    cleaned: [{ resource: resource ?? 'vip', node: 'n1' }],
  }),
  'attribute.update': () => ({}),
  'attribute.query': () => ({ attributes: [] }),
  'node.fence': () => ({}),
  'node.confirm-down': () => ({}),
} as never;

let turn = 0;

async function exercise(row: Extract<Row, { run: unknown }>): Promise<void> {
  const home = join(folder, String(turn++));
  mkdirSync(join(home, 'etc/corosync'), { recursive: true });
  writeFileSync(
    join(home, 'etc/corosync/corosync.conf'),
    `totem {\n\tversion: 2\n\tcluster_name: lab\n\ttransport: knet\n}\nnodelist {\n\tnode {\n\t\tring0_addr: 10.0.0.1\n\t\tname: n1\n\t\tnodeid: 1\n\t}\n}\nquorum {\n\tprovider: corosync_votequorum\n}\nlogging {\n\tlogfile: ${home}/log\n}\n`,
  );
  writeFileSync(join(home, 'log'), 'a line of the log\n');
  const shell = openShell({
    answers: ANSWERS,
    environment: { HOME: home, QUORATE_ROOT: home, XDG_CONFIG_HOME: home, CIB_shadow_dir: home },
    ...(row.yes ? { replies: Array<string>(9).fill('y') } : {}),
  });
  for (const line of row.run.slice(0, -1)) await shell.run(line);
  shell.out = '';
  shell.messages.length = 0;
  const status = await shell.run(row.run.at(-1)!);
  const said = `${shell.out}${shell.messages.join('\n')}`;
  expect(status, said).toBe(row.status ?? 'done');
  const where = `${said}${writeXml(shell.cluster.cib, { indent: false })}`;
  if (typeof row.says === 'string') expect(where).toContain(row.says);
  else expect(row.says.source.startsWith('^') ? said.trim() : where).toMatch(row.says);
}

describe('every command is exercised', () => {
  it('by a row of the matrix, and no row is about something else', async () => {
    const names = (await commands()).map(([name]) => name);
    expect(names.filter((name) => !(name in MATRIX))).toEqual([]);
    expect(Object.keys(MATRIX).filter((name) => !names.includes(name))).toEqual([]);
  });

  it.each(Object.entries(MATRIX).filter(([, row]) => 'run' in row))('%s', async (_name, row) => {
    await exercise(row as Extract<Row, { run: unknown }>);
  });

  it.each(Object.entries(MATRIX).filter(([, row]) => 'elsewhere' in row))(
    '%s: in another test',
    (_name, row) => {
      const { elsewhere, text } = row as Extract<Row, { elsewhere: unknown }>;
      for (const file of elsewhere) expect(readFileSync(join(PROJECT, file), 'utf8'), file).toContain(text);
    },
  );
});

/** The page, from the tables and the matrix. */
async function page(): Promise<string> {
  const rows = (await commands()).map(([name, row]) => {
    const path = name.split(' ').slice(0, -1).join(' ');
    const exercised = MATRIX[name];
    const by =
      exercised === undefined
        ? ''
        : 'run' in exercised
          ? `\`${exercised.run.join('; ').replaceAll('|', '\\|')}\``
          : exercised.elsewhere.map((file) => `[${file}](../${file})`).join(' ');
    const also = [...row.aliases, ...row.synonyms].join(', ');
    const shown = `${path} ${usage(row)}`.trim().replaceAll('|', '\\|');
    return `| \`${shown}\` | ${also} | ${row.summary.replaceAll('|', '\\|')} | ${by} |`;
  });
  const missing = Object.entries(MISSING).map(([name, why]) => `| \`${name}\` | ${why} |`);
  return `# The commands of crm

Made from the tables that parse them (\`src/shell/levels/\`) and the tests that exercise them (\`test/shell/matrix.ts\`);
\`UPDATE=1 npx vitest run test/shell/matrix.test.ts\` writes it anew. \`crm help LEVEL COMMAND\` explains each.

| command | also called | what it does | exercised by |
| --- | --- | --- | --- |
${rows.join('\n')}

At every level: \`cd\`, \`up\` (\`end\`, \`back\`), \`ls\`, \`help\` (\`?\`), \`quit\` (\`bye\`, \`exit\`).

## Not there, and why

| command | why |
| --- | --- |
${missing.join('\n')}
`;
}

it('docs/commands.md is what the tables say', async () => {
  const file = join(PROJECT, 'docs/commands.md');
  const text = await page();
  if (process.env.UPDATE) writeFileSync(file, text);
  expect(readFileSync(file, 'utf8')).toBe(text);
});
