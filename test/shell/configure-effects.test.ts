import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readText } from '../../grammar/crm/read.js';
import { writeXml } from '../../src/cib/xml.js';
import { runShell } from '../../src/shell/main.js';
import { runOnce } from '../../src/shell/run.js';
import { openShell, type Shell } from './fixture.js';

const CIB = `
<cib crm_feature_set="3.16.1" validate-with="pacemaker-3.9" epoch="5" num_updates="0" admin_epoch="0">
  <configuration>
    <crm_config><cluster_property_set id="cib-bootstrap-options">
      <nvpair id="cib-bootstrap-options-stonith-enabled" name="stonith-enabled" value="false"/>
    </cluster_property_set></crm_config>
    <nodes><node id="1" uname="n1"/><node id="2" uname="n2"/></nodes>
    <resources>
      <primitive id="d" class="ocf" provider="heartbeat" type="Dummy"/>
      <primitive id="e" class="stonith" type="external/ssh"/>
      <group id="g">
        <primitive id="a" class="ocf" provider="heartbeat" type="Dummy"/>
        <primitive id="b" class="ocf" provider="heartbeat" type="Dummy"/>
      </group>
      <clone id="c"><primitive id="ca" class="ocf" provider="heartbeat" type="Dummy"/></clone>
    </resources>
    <constraints>
      <rsc_location id="l" rsc="d" score="100" node="n1"/>
      <rsc_order id="o" first="g" then="d"/>
    </constraints>
    <tags><tag id="t"><obj_ref id="a"/><obj_ref id="d"/><obj_ref id="e"/></tag></tags>
    <fencing-topology><fencing-level id="fencing" target="n1" index="1" devices="e"/></fencing-topology>
  </configuration>
  <status/>
</cib>`;

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'quorate-effects-'));
  writeFileSync(join(folder, 'cib.xml'), CIB);
  writeFileSync(join(folder, 'one'), 'node 1: n1\nnode 2: n2\nprimitive z Dummy\n');
  writeFileSync(join(folder, 'typo'), 'primitive z Dummy\nprimitve y Dummy\n');
});
afterAll(() => rmSync(folder, { recursive: true }));

/** A line with `FOLDER` for the folder of files. */
const placed = (line: string) => line.replaceAll('FOLDER', folder);

function configuration({ cluster }: Shell): string {
  return writeXml(cluster.cib.first('configuration')!, { indent: false });
}

describe('what a command touches beyond what it names', () => {
  const LOST =
    'deleted, not in the new text: property:cib-bootstrap-options, primitive:d, primitive:e, group:g, primitive:a, primitive:b, ' +
    'clone:c, primitive:ca, location:l, order:o, tag:t, fencing_topology:fencing_topology';

  it.each([
    ['delete d', ['removed d from tag:t', 'hanging location:l deleted', 'hanging order:o deleted']],
    ['delete l', []],
    ['delete a', ['removed a from group:g', 'removed a from tag:t']],
    ['delete ca', ['hanging clone:c deleted']],
    ['delete c', []],
    ['delete g', ['modified order:o from g to a']],
    ['rename g gg', ['modified order:o from g to gg']],
    ['rename l ll', []],
    [
      'rename e ee',
      [
        'tag:t still refers to e, which is ee now',
        'fencing_topology:fencing_topology still refers to e, which is ee now',
      ],
    ],
    ['modgroup g remove a', []],
    ['group h d', ['modified location:l from d to h', 'modified order:o from d to h']],
    ['clone cl g', ['modified order:o from g to cl']],
    ['default-timeouts d', []],
    ['load update FOLDER/one', []],
    ['load push FOLDER/one', [LOST]],
    ['load replace FOLDER/one', [LOST]],
  ])('is said before the commit: %s', async (line, expected) => {
    const shell = openShell({ cib: CIB });
    await shell.run('configure');
    expect(await shell.run(placed(line))).toBe('done');
    const said = shell.messages.map((message) => message.replace(/^(INFO|WARNING): /, ''));
    expect(said.filter((text) => /deleted|removed|modified|still refers/.test(text)).sort()).toEqual(
      [...expected].sort(),
    );
    expect(shell.out).toBe('');
    expect(shell.cluster.commits).toEqual([]);
  });
});

describe('exit status', () => {
  it.each([
    ['configure show', 0],
    ['configure show l', 0],
    ['configure show json', 0],
    ['configure primitive p ocf:heartbeat:Dummy', 0],
    ['configure delete l', 0],
    ['configure rename l ll', 0],
    ['configure set l.score 5', 1],
    ['configure get-property stonith-enabled', 0],
    ['configure schema', 0],
    ['configure load update FOLDER/one', 0],
    ['configure save FOLDER/saved', 0],
    ['configure show nosuch', 1],
    ['configure delete nosuch', 1],
    ['configure rename nosuch x', 1],
    ['configure rename d e', 1],
    ['configure modgroup g remove d', 1],
    ['configure modgroup g', 1],
    ['configure primitive', 1],
    ['configure primitive p params', 1],
    ['configure foo', 1],
    ['configure load', 1],
    ['configure load sideways FOLDER/one', 1],
    ['configure load update FOLDER/missing', 1],
    ['configure load update FOLDER/typo', 1],
    ['configure load replace FOLDER/typo', 1],
    ['configure save FOLDER/missing/file', 1],
    ['configure edit l', 1],
    ['configure get-property nosuch', 1],
    ['configure schema pacemaker-9.9', 1],
    ['configure default-timeouts nosuch', 1],
    ['cib use nosuch', 1],
    ['cib import', 1],
    ['cib foo', 1],
  ])('of %s is %d', async (line, status) => {
    const shell = openShell({ cib: CIB });
    const before = configuration(shell);
    expect(await runOnce(shell.interpreter, placed(line).split(' '))).toBe(status);
    if (status === 0) return;
    expect(shell.messages.some((message) => /^(ERROR|INFO):/.test(message))).toBe(true);
    expect(configuration(shell)).toBe(before);
  });
});

describe('exit status of the program', () => {
  it.each([
    [['--version'], 0],
    [['--help'], 0],
    [['--bogus'], 2],
    [['-f'], 2],
    [['-f', 'FOLDER/nosuch'], 2],
    [['-f', 'FOLDER/typo'], 1],
  ])('%j: %d', async (words, status) => {
    let errors = '';
    const sink = (take: (text: string) => void) =>
      new Writable({
        write(chunk, _encoding, done) {
          take(String(chunk));
          done();
        },
      });
    const program = {
      argv: words.map(placed),
      env: { CIB_file: join(folder, 'cib.xml') },
      stdin: Readable.from([]),
      stdout: sink(() => {}),
      stderr: sink((text) => {
        errors += text;
      }),
    };
    expect(await runShell(program as unknown as Parameters<typeof runShell>[0])).toBe(status);
    expect(errors === '').toBe(status === 0);
  });
});

describe('documents', () => {
  it.each(['', 'xml', 'json', '--format crm', '--format xml', '--format json', '--format=json'])(
    'are edited as "%s"',
    async (format) => {
      for (const selection of ['', 'l']) {
        const shell = openShell({
          cib: CIB,
          replies: [],
          edits: (text) => text.replace(/100(?=:|")/, '250'),
        });
        const before = configuration(shell);
        await shell.run('configure');
        expect(await shell.run(`edit ${format} ${selection}`)).toBe('done');
        expect(await shell.run('commit')).toBe('done');
        expect(configuration(shell)).toBe(before.replace('score="100"', 'score="250"'));
      }
    },
  );

  it.each([
    'xml push',
    'xml replace',
    'xml update',
    'json push',
    'json replace',
    'json update',
    '--format xml push',
    '--format json push',
    '--format=json push',
    '--format crm push',
  ])('that are loaded as they were shown change nothing: load %s', async (how) => {
    const format = /json|xml|crm/.exec(how)![0];
    const shell = openShell({ cib: CIB });
    await shell.run('configure');
    expect(await shell.run(`save --format ${format} ${join(folder, format)}`)).toBe('done');
    const before = writeXml(shell.session.workingCopy!.edited);
    expect(await shell.run(`load ${how} ${join(folder, format)}`)).toBe('done');
    expect(writeXml(shell.session.workingCopy!.edited)).toBe(before);
  });
});

describe('a commit that collides', () => {
  it('shows before, theirs and ours, overwrites nothing, and is done when forced', async () => {
    const shell = openShell({ cib: CIB });
    const theirs = CIB.replace('score="100"', 'score="7"');
    await shell.run('configure');
    await shell.run(placed('load update FOLDER/one'));
    await shell.run('delete l');
    await shell.run('location l d 300: n2');
    shell.cluster.refuse = {
      kind: 'refused',
      message: 'the configuration was changed meanwhile',
      answer: { code: 'conflict', message: 'conflict', data: { cib: theirs } },
    };
    expect(await shell.run('commit')).toBe('failed');
    for (const [title, text] of [
      ['before', 'location l d 100: n1'],
      ['committed meanwhile', 'location l d 7: n1'],
      ['yours', 'location l d 300: n2'],
    ]) {
      expect(shell.out).toContain(`  ${title}:\n    ${text}\n`.trimEnd());
    }
    expect(shell.cluster.commits).toEqual([]);
    expect(shell.session.workingCopy?.changed).toBe(true);
    shell.cluster.refuse = null;
    expect(await shell.run('commit force')).toBe('done');
    expect(shell.cluster.commits.map(({ force }) => force)).toEqual([true]);
    expect(shell.xml('l')).toContain('score="300"');
  });

  it.each([
    ['commit', {}, false],
    ['commit force', {}, true],
    ['commit --force', {}, true],
    ['commit', { force: true }, true],
    ['up', { force: true }, true],
  ])('"%s" with %j overrides: %s', async (line, flags, force) => {
    const shell = openShell({ cib: CIB, flags });
    await shell.run('configure');
    await shell.run('delete l');
    expect(await shell.run(line)).toBe('done');
    expect(shell.cluster.commits.map((commit) => commit.force)).toEqual([force]);
  });
});

describe('help', () => {
  const STATEMENTS =
    'node primitive bundle group clone rsc_template location colocation order rsc_ticket property rsc_defaults ' +
    'op_defaults fencing_topology monitor tag alert role acl_target user xml';

  it.each(STATEMENTS.split(' '))('shows statements that the grammar takes: %s', async (name) => {
    const shell = openShell({ cib: CIB });
    expect(await shell.run(`configure help ${name}`)).toBe('done');
    const [words, usage] = shell.out.split('\nUsage:\n');
    expect(usage).toContain(`    ${name} `);
    const examples = words!
      .split('\n')
      .filter((line) => line.startsWith(`    ${name} `))
      .map((line) => line.trim());
    expect(examples.length).toBeGreaterThan(0);
    for (const example of examples) {
      // The quotes around an element are the command line's.
      const text = name === 'xml' ? example.replaceAll("'", '') : example;
      expect(readText(text).diagnostics.map(({ message }) => message)).toEqual([]);
    }
  });
});
