import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readText, statementKeywords } from '../../grammar/crm/read.js';
import { writeXml } from '../../src/cib/xml.js';
import { configureLevel } from '../../src/shell/levels/configure.js';
import { configureTyping } from '../../src/shell/levels/configure-typing.js';
import { openShell } from '../shell/fixture.js';

const folder = mkdtempSync(join(tmpdir(), 'configure-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

/** What `show` prints for these words. */
async function shown(shell: ReturnType<typeof openShell>, words: string): Promise<string> {
  shell.out = '';
  await shell.run(`configure show ${words}`);
  return shell.out;
}

describe('the tutorial’s cluster', () => {
  it('is described as it is typed, one command at a time', { timeout: 120_000 }, async () => {
    const shell = openShell();
    const lines = [
      'configure property no-quorum-policy=ignore',
      'configure primitive FloatIP ocf:digitalocean:floatip params do_token=T floating_ip=192.0.2.9',
      'configure primitive Nginx ocf:heartbeat:nginx params httpd="/usr/sbin/nginx" ' +
        'op start timeout="40s" interval="0" op monitor timeout="30s" interval="10s" on-fail="restart" ' +
        'op stop timeout="60s" interval="0"',
      'configure clone Nginx-clone Nginx',
      'configure colocation FloatIP-Nginx inf: FloatIP Nginx-clone',
    ];
    for (const line of lines) {
      shell.session.options.set('core.check_mode', 'relaxed', true);
      expect(await shell.run(line), `${line}: ${shell.messages.join(' ')}`).toBe('done');
    }
    expect(shell.cluster.commits).toHaveLength(5);
    expect(await shown(shell, 'FloatIP Nginx FloatIP-Nginx Nginx-clone')).toBe(
      [
        'primitive FloatIP ocf:digitalocean:floatip \\',
        '\tparams do_token=T floating_ip=192.0.2.9',
        'primitive Nginx nginx \\',
        '\tparams httpd="/usr/sbin/nginx" \\',
        '\top start timeout=40s interval=0 \\',
        '\top monitor timeout=30s interval=10s on-fail=restart \\',
        '\top stop timeout=60s interval=0',
        'clone Nginx-clone Nginx',
        'colocation FloatIP-Nginx inf: FloatIP Nginx-clone',
        '',
      ].join('\n'),
    );
    expect(await shell.run('configure delete FloatIP')).toBe('done');
    expect(shell.messages).toContain('INFO: hanging colocation:FloatIP-Nginx deleted');
    expect(shell.xml('FloatIP-Nginx')).toBe('');
  });
});

describe('a working copy', () => {
  it('gathers changes and sends them once', async () => {
    const shell = openShell();
    await shell.run('configure');
    await shell.run('tag t1 web');
    await shell.run('location l1 web 100: n1');
    expect(shell.cluster.commits).toEqual([]);
    expect(await shown(shell, 'changed')).toBe('');
    shell.out = '';
    await shell.run('show changed');
    expect(shell.out).toBe('tag t1 web\nlocation l1 web 100: n1\n');
    expect(await shell.run('commit')).toBe('done');
    expect(shell.cluster.commits).toEqual([{ command: 'crm configure location:l1 tag:t1', force: false }]);
  });

  it('asks a person who leaves with changes pending', async () => {
    const shell = openShell({ replies: ['n'] });
    await shell.run('configure');
    await shell.run('tag t1 web');
    await shell.run('up');
    expect(shell.questions).toEqual(['There are changes pending. Do you want to commit them (y/n)? ']);
    expect(shell.cluster.commits).toEqual([]);
  });

  it('shows a conflict from three sides and overwrites nothing', async () => {
    const shell = openShell();
    await shell.run('configure');
    await shell.run('property maintenance-mode=true');
    const theirs = shell.cluster.cib.clone();
    theirs.at('configuration', 'crm_config', 'cluster_property_set', 'nvpair')?.set('value', 'true');
    shell.cluster.refuse = {
      kind: 'refused',
      message: 'the cluster’s CIB has changed',
      answer: { code: 'conflict', message: 'changed', data: { cib: writeXml(theirs) } },
    };
    expect(await shell.run('commit')).toBe('failed');
    expect(shell.out).toContain(
      '  committed meanwhile:\n    property cib-bootstrap-options: \\\n    \tstonith-enabled=true',
    );
    expect(shell.out).toContain('  yours:\n');
    expect(shell.session.workingCopy?.changed).toBe(true);
  });

  it('does not delete what runs', async () => {
    const shell = openShell();
    expect(await shell.run('configure delete vip')).toBe('failed');
    expect(shell.messages).toContain("ERROR: resource vip is running, can't delete it");
  });

  it('refuses what breaks the schema, and says what', async () => {
    const shell = openShell({ flags: { force: true } });
    expect(await shell.run('configure location l nosuch 10: n1')).toBe('failed');
    expect(shell.cluster.commits).toEqual([]);
    expect(shell.messages.join('\n')).toMatch(/nosuch/);
  });
});

describe('load', () => {
  it('changes nothing where one line is wrong, and names every mistake', async () => {
    const shell = openShell();
    const path = file('bad.crm', 'primitive new Dummy\nprimitve x Dummy\nclone c\n');
    expect(await shell.run(`configure load replace ${path}`)).toBe('failed');
    expect(shell.cluster.commits).toEqual([]);
    expect(shell.messages.join('\n')).toContain(`${path}:2:1: Unknown command primitve`);
    expect(shell.messages.join('\n')).toContain(`${path}:3:8:`);
  });

  it('keeps comments, and says them again', async () => {
    const shell = openShell({ flags: { force: true } });
    const path = file('comment.crm', '# the other address\nprimitive vip2 IPaddr2 params ip=10.0.0.8\n');
    await shell.run(`configure load update ${path}`);
    expect(await shown(shell, 'vip2')).toBe(
      '# the other address\nprimitive vip2 IPaddr2 \\\n\tparams ip=10.0.0.8\n',
    );
  });

  it('takes masked secrets for what they were', async () => {
    const shell = openShell({ flags: { force: true } });
    await shell.run('configure primitive db2 ocf:heartbeat:Dummy params password=secret fake=1');
    const text = await shown(shell, 'db2');
    expect(text).toContain('password="******"');
    const path = file('masked.crm', text.replace('fake=1', 'fake=2'));
    await shell.run(`configure load update ${path}`);
    expect(shell.xml('db2')).toContain('name="password" value="secret"');
    expect(shell.xml('db2')).toContain('name="fake" value="2"');
    await shell.run(`configure load xml update ${file('masked.xml', await shown(shell, 'xml db2'))}`);
    expect(shell.xml('db2')).toContain('name="password" value="secret"');
    const other = file('other.crm', text.replaceAll('db2', 'db3'));
    expect(await shell.run(`configure load update ${other}`)).toBe('failed');
    expect(shell.messages.join('\n')).toContain('password is masked (******), and there is no value to keep');
    expect(shell.xml('db3')).toBe('');
  });

  it('replaces everything but nodes', async () => {
    const shell = openShell({ flags: { force: true } });
    const path = file('all.crm', 'primitive only Dummy\nproperty stonith-enabled=false\n');
    shell.session.options.set('core.check_mode', 'relaxed', true);
    shell.cluster.cib.first('status')!.children = [];
    await shell.run(`configure load replace ${path}`);
    expect(await shown(shell, '')).toBe(
      'node 1: n1\nnode 2: n2 \\\n\tattributes rack=7\nprimitive only Dummy\n' +
        'property cib-bootstrap-options: \\\n\tstonith-enabled=false\n',
    );
  });
});

describe('messages', () => {
  it('put a caret below what is wrong in a typed statement', async () => {
    const shell = openShell();
    await shell.run('configure order o Mandatory: vip:begin web');
    await shell.run('configure colocation c web vip');
    expect(shell.messages).toEqual([
      "ERROR: syntax: Invalid action 'begin' for 'vip'",
      'ERROR:   order o Mandatory: vip:begin web',
      'ERROR:                      ^^^^^^^^^',
      'ERROR:   expected vip:start, vip:promote, vip:demote or vip:stop',
      'ERROR: syntax: web has no meaning here',
      'ERROR:   colocation c web vip',
      'ERROR:                ^^^',
      'ERROR:   expected a score and a colon',
    ]);
  });
});

describe('contradictions', () => {
  it('are said as they arise', async () => {
    const shell = openShell();
    await shell.run('configure');
    await shell.run('order o1 vip web');
    await shell.run('order o2 web vip');
    expect(shell.messages).toEqual([
      'WARNING: start vip → start web → start vip: each waits for the other (o1, o2)',
    ]);
  });
});

describe('help', () => {
  const statements = configureLevel.commands.filter(({ name }) => statementKeywords().includes(name));

  it('is there for every command and statement', () => {
    for (const { name, summary, help, hidden } of configureLevel.commands) {
      if (hidden) continue;
      expect(summary, name).not.toBe('');
      expect(help, name).not.toBe('');
    }
    const named = new Set(statements.map(({ name }) => name));
    const missing = statementKeywords().filter((word) => !named.has(word));
    expect(missing).toEqual(['master', 'collocation', 'fencing-topology', 'acl_group']);
  });

  it('has only examples that the grammar takes', () => {
    for (const { name, help } of statements) {
      const examples = help.split('\n').filter((line) => line.startsWith('    '));
      for (const example of examples) {
        const { diagnostics } = readText(example);
        expect(diagnostics, `${name}: ${example}`).toEqual([]);
      }
    }
  });
});

describe('edits', () => {
  it('that break a container are refused as a whole', async () => {
    const shell = openShell();
    const before = await shown(shell, '');
    expect(await shell.run('configure modgroup g add c')).toBe('failed');
    expect(await shell.run("configure filter 'sed s/primitive/rsc_template/'")).toBe('failed');
    expect(shell.messages.join('\n')).toContain('a group may contain only primitives; c is clone');
    expect(shell.messages.join('\n')).toContain(' is rsc_template');
    expect(shell.messages.join('\n')).not.toContain('internal error');
    expect(await shown(shell, '')).toBe(before);
  });

  it('do not rename nodes', async () => {
    const shell = openShell();
    const node = /^node \S+ (\S+)/m.exec(await shown(shell, 'type:node'))![1]!.replace(':', '');
    expect(await shell.run(`configure rename ${node} other`)).toBe('failed');
    expect(shell.messages).toContain('ERROR: cannot rename nodes');
  });

  it('that push what refers to what they delete are refused', async () => {
    const shell = openShell();
    const before = await shown(shell, '');
    const push = file('push.crm', 'order lost web vip\n');
    expect(await shell.run(`configure load push ${push}`)).toBe('failed');
    expect(await shown(shell, '')).toBe(before);
  });
});

describe('typing', () => {
  const at = (line: string) => ({ text: line.replace('|', ''), cursor: line.indexOf('|') });

  it('colours what is readable', () => {
    const line = 'prim vip IPaddr2 params ip=1';
    const styles = configureTyping.highlight!(line).map(({ start, end, style }) => [
      line.slice(start, end),
      style,
    ]);
    expect(styles).toEqual([
      ['prim', 'keyword'],
      ['vip', 'id'],
      ['IPaddr2', 'agent'],
      ['params', 'keyword'],
      ['ip', 'parameter'],
      ['1', 'value'],
    ]);
    expect(configureTyping.highlight!('show vip')).toEqual([]);
  });

  it.each([
    ['clone c|', []],
    ['clone c |', []],
    ['colocation c web vip |', ['web has no meaning here; expected a score and a colon']],
    [
      'primitive web Dummy |',
      ["Cannot create primitive with ID 'web': Found existing primitive with same ID."],
    ],
    ['order o2 web vip |', ['start vip → start web → start vip: each waits for the other (o1, o2)']],
    ['show nosuch |', []],
  ])('%s: %j', async (line, expected) => {
    const shell = openShell();
    await shell.run('configure');
    await shell.run('order o1 vip web');
    const { text, cursor } = at(line);
    const problems = await configureTyping.check!(shell.session, text, cursor);
    expect(problems.map(({ message }) => message)).toEqual(expected);
    expect(shell.session.workingCopy?.changed).toBe(true);
    shell.out = '';
    await shell.run('show changed');
    expect(shell.out).toBe('order o1 vip web\n');
  });
});
