import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { expandWizard } from '../../src/shell/script/expand.js';
import { WIZARDS } from '../../src/shell/script/wizards.js';
import { openShell } from './fixture.js';

const find = (name: string) => WIZARDS.find((wizard) => wizard.name === name);

function made(name: string, values: Record<string, string>): string {
  const expanded = expandWizard(find(name)!, values, find);
  return expanded.ok ? expanded.actions.map(({ text }) => text).join('\n') : expanded.problems.join('\n');
}

const folder = mkdtempSync(join(tmpdir(), 'crm-script-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('a wizard', () => {
  it('makes statements of values, and leaves out what was not given', () => {
    expect(made('virtual-ip', { id: 'vip1', ip: '10.0.0.9', cidr_netmask: '24' })).toBe(
      [
        'primitive vip1 ocf:heartbeat:IPaddr2 \\',
        '\tparams ip="10.0.0.9" cidr_netmask="24" \\',
        '\top start timeout=20s interval=0 \\',
        '\top stop timeout=20s interval=0 \\',
        '\top monitor interval=10s timeout=20s',
      ].join('\n'),
    );
  });

  it('takes others as its parts, the optional ones only where a value is given', () => {
    const text = made('nginx', { id: 'web2', 'virtual-ip:ip': '10.0.0.9' });
    expect(text).toContain('primitive web2-vip ocf:heartbeat:IPaddr2');
    expect(text).toMatch(/group g-web2 \\\n\tweb2-vip \\\n\tweb2$/);
    expect(text).not.toContain('Filesystem');
    const more = made('nginx', {
      id: 'web2',
      'virtual-ip:ip': '10.0.0.9',
      'filesystem:device': '/dev/sdb',
      'filesystem:directory': '/srv',
      'filesystem:fstype': 'ext4',
    });
    expect(more).toMatch(/group g-web2 \\\n\tweb2-fs \\\n\tweb2-vip \\\n\tweb2$/);
  });

  it.each([
    ['virtual-ip', {}, 'Missing required parameter(s): id, ip'],
    ['nginx', { id: 'w' }, 'Missing required parameter(s): virtual-ip:ip'],
    ['virtual-ip', { id: 'v', ip: '10.0.0.999' }, 'ip: 10.0.0.999: expected an IPv4 or IPv6 address'],
    ['virtual-ip', { id: '1v', ip: '::1' }, 'id: 1v: expected a name of letters, digits, - . and _'],
    ['virtual-ip', { id: 'v', ip: '::1', bogus: '1' }, 'Unknown parameter(s): bogus'],
  ])('%s %j is refused: %s', (name, values, problem) => {
    expect(made(name, values as Record<string, string>)).toBe(problem);
  });

  const configuring = WIZARDS.filter(({ steps }) => steps.every(({ kind }) => kind !== 'run'));
  it.each(configuring.map((wizard) => [wizard.name]))(
    '%s makes a configuration that the shell takes',
    // The first of them loads the grammar and reads agents' meta-data.
    { timeout: 60_000 },
    async (name) => {
      const wizard = find(name)!;
      const values: string[] = [];
      for (const step of wizard.steps) {
        if (step.kind === 'include') {
          for (const part of find(step.wizard)!.steps) {
            if (part.kind !== 'resource') continue;
            for (const { name: own, required, example } of part.parameters) {
              if (required && own !== 'id')
                values.push(`${step.as ?? step.wizard}:${own}="${example ?? '1'}"`);
            }
          }
          continue;
        }
        for (const { name: own, example, default: usual } of step.parameters) {
          if (own === 'id') values.push('id=wizard1');
          else if (own === 'locking') values.push('locking=vip');
          else if (usual === undefined) values.push(`${own}="${example ?? '1'}"`);
        }
      }
      const shell = openShell({ flags: { force: true } });
      await shell.run(`script run ${name} ${values.join(' ')}`);
      expect(shell.messages.filter((line) => /syntax|not done/.test(line))).toEqual([]);
      // A wizard that is made of others alone names their group.
      const bare = wizard.steps.every((step) => step.kind !== 'resource' || step.statements === '');
      const made = bare ? shell.xml('g-wizard1') : shell.xml('wizard1');
      expect(made, shell.messages.join('\n')).toMatch(
        bare ? /<group id="g-wizard1"/ : /<primitive id="wizard1"/,
      );
    },
  );
});

describe('a wizard that runs commands', () => {
  it('shows them with the values, and runs them in order', async () => {
    expect(made('sbd-device', { device: '/dev/sdx', node: 'n1' })).toBe(
      'cluster run "sbd -d /dev/sdx create" n1\ncluster run "sbd -d /dev/sdx dump"',
    );
    const shell = openShell();
    await shell.run('script run health');
    expect(shell.messages).toContain('INFO: Check the cluster');
    expect(shell.out).toMatch(/fencing|quorum|nodes/i);
    expect(shell.cluster.commits).toEqual([]);
  });

  it('is there for every script that crmsh ships', () => {
    const shipped =
      'apache check-uptime clvm clvm-vg database db2 db2-hadr drbd exportfs filesystem gfs2 gfs2-base haproxy health libvirt lvm lvm-drbd mailto nfsserver nfsserver-lvm-drbd nginx ocfs2 oracle raid-lvm raid1 sap-as sap-ci sap-db sap-simple-stack sap-simple-stack-plus sapdb sapinstance sbd sbd-device virtual-ip vmware';
    expect(shipped.split(' ').filter((name) => !find(name))).toEqual([]);
  });
});

describe('crm script', () => {
  it('lists by category, shows, verifies without changing anything', async () => {
    const shell = openShell();
    await shell.run('script list');
    expect(shell.out).toMatch(/^Basic:\n\nmailto {11}E-Mail\nvirtual-ip {7}Virtual IP\n/);
    await shell.run('script show virtual-ip');
    expect(shell.out).toContain('  ip (required) (unique)\n      IPv4 or IPv6 address (such as 10.0.0.9)');
    await shell.run('script verify virtual-ip id=v ip=10.0.0.9');
    expect(shell.out).toContain('1. Configure cluster resources\n\n\tprimitive v ocf:heartbeat:IPaddr2');
    expect(shell.cluster.commits).toEqual([]);
  });

  it('runs as one change, and stays where it was', async () => {
    const shell = openShell({ flags: { force: true } });
    await shell.run('script');
    expect(await shell.run('run virtual-ip id=v9 ip=10.0.0.19')).toBe('done');
    expect(shell.cluster.commits).toHaveLength(1);
    expect(shell.xml('v9')).toContain('value="10.0.0.19"');
    expect(shell.session.levels.map(({ name }) => name)).toEqual(['root', 'script']);
  });

  it('answers programs in JSON', async () => {
    const shell = openShell();
    await shell.run(`script json '["verify", "virtual-ip", {"id": "v", "ip": "10.0.0.9"}]'`);
    expect(JSON.parse(shell.out)).toMatchObject({ shortdesc: 'Configure cluster resources' });
    const wrong = openShell();
    expect(await wrong.run(`script json '["show", "nosuch"]'`)).toBe('failed');
    expect(JSON.parse(wrong.out)).toEqual({ error: 'Script not found: nosuch' });
  });

  it('takes wizards from --scriptdir', async () => {
    writeFileSync(
      join(folder, 'own.json'),
      JSON.stringify({
        name: 'own',
        category: 'Basic',
        title: 'Own',
        text: 'Ours.',
        steps: [
          {
            kind: 'resource',
            title: 'It',
            parameters: [{ name: 'id', summary: 'x' }],
            statements: 'primitive {{id}} Dummy',
          },
        ],
      }),
    );
    const shell = openShell({ scriptFolders: [folder] });
    await shell.run('script verify own id=o1');
    expect(shell.out).toContain('\tprimitive o1 Dummy');
  });
});
