import { describe, expect, it } from 'vitest';
import { CIB, openShell } from './fixture.js';

const pair = (id: string, name: string, value: string) =>
  `<nvpair id="${id}-${name}" name="${name}" value="${value}"/>`;

describe('resource', () => {
  it.each([
    // [line, element, what it then contains]
    ['stop web', 'web', pair('web-meta_attributes', 'target-role', 'Stopped')],
    ['start ga', 'ga', pair('ga-meta_attributes', 'target-role', 'Started')],
    [
      'stop ca',
      'c',
      `<clone id="c"><meta_attributes id="c-meta_attributes">${pair('c-meta_attributes', 'target-role', 'Stopped')}`,
    ],
    ['unmanage web', 'web', pair('web-meta_attributes', 'is-managed', 'false')],
    ['maintenance web off', 'web', pair('web-meta_attributes', 'maintenance', 'false')],
    ['meta web set priority 5', 'web', pair('web-meta_attributes', 'priority', '5')],
    ['meta web set priority=6', 'web', pair('web-meta_attributes', 'priority', '6')],
    ['param vip set ip 10.0.0.10', 'vip', pair('vip-instance_attributes', 'ip', '10.0.0.10')],
    [
      'utilization web set cpu 4',
      'web',
      `<utilization id="web-utilization">${pair('web-utilization', 'cpu', '4')}`,
    ],
    ['promote db-clone', 'db-clone', pair('db-clone-meta_attributes', 'target-role', 'Master')],
    ['meta db set x 1', 'db-clone', pair('db-clone-meta_attributes', 'x', '1')],
  ])('%s', async (line, id, expected) => {
    const shell = openShell();
    expect(await shell.run(`resource ${line}`)).toBe('done');
    expect(shell.xml(id)).toContain(expected);
    expect(shell.cluster.commits).toEqual([{ command: `crm resource ${line}`, force: false }]);
  });

  it('start and stop take patterns and tags', async () => {
    const shell = openShell();
    await shell.run('resource stop front');
    expect(shell.xml('vip')).toContain('Stopped');
    expect(shell.xml('web')).toContain('Stopped');
    await shell.run('resource start w*');
    expect(shell.xml('web')).toContain('Started');
    expect(shell.xml('vip')).toContain('Stopped');
  });

  it('start of a group asks about members of their own mind', async () => {
    const shell = openShell({ replies: ['y'] });
    await shell.run('resource start g');
    expect(shell.questions).toEqual(["Do you want to override 'target-role' for child resource ga (y/n)? "]);
    expect(shell.xml('ga')).not.toContain('target-role');
    const left = openShell({ replies: ['n'] });
    await left.run('resource start g');
    expect(left.xml('ga')).toContain('Stopped');
  });

  it('one name that is none changes nothing', async () => {
    const shell = openShell();
    expect(await shell.run('resource stop web nosuch')).toBe('failed');
    expect(shell.messages).toEqual(['ERROR: Resource not found: nosuch']);
    expect(shell.cluster.commits).toEqual([]);
  });

  it('move and ban make constraints, clear removes them', async () => {
    const shell = openShell();
    expect(await shell.run('resource move vip n2')).toBe('done');
    expect(shell.xml('cli-prefer-vip')).toBe(
      '<rsc_location id="cli-prefer-vip" rsc="vip" role="Started" node="n2" score="INFINITY"/>',
    );
    expect(shell.messages).toEqual([
      'INFO: Move constraint created for vip to n2',
      'INFO: Use `crm resource clear vip` to remove this constraint',
    ]);
    expect(await shell.run('resource ban vip')).toBe('done');
    expect(shell.xml('cli-ban-vip-on-n1')).toContain('node="n1" score="-INFINITY"');
    expect(await shell.run('resource clear vip')).toBe('done');
    expect(shell.xml('cli-prefer-vip') + shell.xml('cli-ban-vip-on-n1')).toBe('');
  });

  it('move for a time makes a rule that ends', async () => {
    const shell = openShell();
    await shell.run('resource move vip n2 PT5M');
    expect(shell.xml('cli-prefer-vip')).toContain('operation="lt" end="2026-11-21 12:05:00Z"');
    const ban = openShell();
    await ban.run('resource ban vip n1 PT5M');
    expect(ban.out).toContain('Migration will take effect until: 2026-11-21 12:05:00Z\n');
  });

  it.each([
    ['move vip', "ERROR: resource.move: No target node: Move requires either a target node or 'force'"],
    ['move vip n9', 'ERROR: resource.move: Not our node: n9'],
    ['move nosuch n2', "TOOL: crm_resource: Resource 'nosuch' not found"],
    ['ban web', 'ERROR: resource.ban: web: it is not running, so say which node is meant'],
    ['promote web', 'ERROR: web is not a promotable resource'],
    ['stop', 'ERROR: resource.stop: Expected at least one resource as argument'],
    ['meta web frob x', "ERROR: Bad usage: 'frob', command: 'meta web frob x'"],
    ['meta web set x', "ERROR: Bad usage: Missing value argument to set, command: 'meta web set x'"],
    ['maintenance web perhaps', 'ERROR: resource.maintenance: Expected <resource> [on|off|true|false]'],
    [
      'failcount web frob n1',
      'ERROR: resource.failcount: frob is not valid command(should be one of set, delete, show)',
    ],
    ['failcount web show n9', 'ERROR: resource.failcount: Node n9 not in this cluster'],
  ])('refuses %s', async (line, complaint) => {
    const shell = openShell();
    expect(await shell.run(`resource ${line}`)).not.toBe('done');
    expect(shell.messages[0]).toBe(complaint);
    expect(shell.cluster.commits).toEqual([]);
  });

  it('status and locate say where it runs', async () => {
    const shell = openShell();
    await shell.run('resource status vip');
    await shell.run('resource locate web');
    expect(shell.out).toBe('resource vip is running on: n1\n');
    expect(shell.messages).toEqual(['TOOL: resource web is NOT running']);
  });

  it('trace adds parameters to the operations, untrace takes them away', async () => {
    const shell = openShell();
    const before = shell.xml('vip');
    await shell.run('resource trace vip');
    expect(shell.xml('vip-start-0')).toContain('name="trace_ra" value="1"');
    expect(shell.xml('vip-monitor-10s')).toContain('name="trace_ra" value="1"');
    await shell.run('resource untrace vip');
    expect(shell.xml('vip')).toBe(before);
  });

  it('cleanup asks the cluster', async () => {
    const shell = openShell({
      answers: { 'resource.cleanup': () => ({ cleaned: [{ resource: 'vip', node: 'n1' }] }) },
    });
    await shell.run('resource cleanup vip n1');
    expect(shell.cluster.calls).toEqual([
      { method: 'resource.cleanup', params: { resource: 'vip', node: 'n1' } },
    ]);
    expect(shell.out).toBe('Cleaned up vip on n1\n');
  });

  it('a refused commit is reported and fails', async () => {
    const shell = openShell();
    shell.cluster.refuse = { kind: 'refused', message: 'no quorum' };
    expect(await shell.run('resource stop web')).toBe('failed');
    expect(shell.messages).toEqual(['ERROR: no quorum']);
  });

  it('joins edits that are pending in configure', async () => {
    const pending = openShell();
    await pending.run('configure');
    await pending.run('primitive extra Dummy');
    expect(pending.session.workingCopy?.changed).toBe(true);
    const edited = await pending.session.changeCib('test', (cib) => {
      cib.set('marked', 'yes');
      return true;
    });
    expect(edited).toBe(true);
    expect(pending.cluster.commits).toEqual([]);
    expect(pending.messages).toContain('INFO: Currently editing the CIB, changes will not be committed');
    expect(pending.session.workingCopy?.edited.get('marked')).toBe('yes');
  });
});

describe('node', () => {
  it('standby and online set and reset the attribute', async () => {
    const shell = openShell();
    expect(await shell.run('node standby n1')).toBe('done');
    expect(shell.xml('num-1-instance_attributes-standby')).toContain('value="on"');
    expect(await shell.run('node online n1')).toBe('done');
    expect(shell.xml('num-1-instance_attributes-standby')).toContain('value="off"');
    expect(shell.messages).toEqual(['INFO: standby node n1', 'INFO: online node n1']);
  });

  it('standby without a node is this one, --all is every one', async () => {
    const shell = openShell();
    await shell.session.connect();
    await shell.run('node standby');
    expect(shell.xml('num-1-instance_attributes-standby')).not.toBe('');
    await shell.run('node standby --all reboot');
    expect(shell.xml('status-2-instance_attributes-standby')).toContain('value="on"');
  });

  it.each([
    ['standby zz', 'ERROR: node.standby: Node "zz" is not a cluster node'],
    ['standby --all n1', 'ERROR: node.standby: Should either use --all or specific node(s)'],
    ['attribute n1 show nosuch', 'ERROR: n1 has no attribute nosuch'],
    ['attribute zz set a b', 'ERROR: node.attribute: Node "zz" is not a cluster node'],
    ['fence zz', 'ERROR: node.fence: Node "zz" is not a cluster node'],
    ['delete zz', 'ERROR: node zz not found in the CIB'],
  ])('refuses %s', async (line, complaint) => {
    const shell = openShell();
    expect(await shell.run(`node ${line}`)).toBe('failed');
    expect(shell.messages[0]).toBe(complaint);
  });

  it('attribute, utilization, maintenance and ready edit the node', async () => {
    const shell = openShell();
    await shell.run('node attribute n1 set rack 3');
    await shell.run('node utilization n1 set memory 64');
    await shell.run('node maintenance n1');
    expect(shell.xml('nodes-1')).toContain(pair('nodes-1', 'rack', '3'));
    expect(shell.xml('nodes-1-utilization')).toContain('value="64"');
    expect(shell.xml('nodes-1-maintenance')).toContain('value="true"');
    await shell.run('node ready n1');
    expect(shell.xml('nodes-1-maintenance')).toContain('value="off"');
    await shell.run('node attribute n2 show rack');
    await shell.run('node attribute n2 delete rack');
    expect(shell.out).toBe(
      'scope=nodes  name=rack value=7\nDeleted nodes attribute: id=n2-instance_attributes-rack name=rack\n',
    );
  });

  it('fence asks first; -F does not', async () => {
    const answers = { 'node.fence': () => ({}) };
    const no = openShell({ replies: ['n'], answers });
    expect(await no.run('node fence n2')).toBe('failed');
    expect(no.cluster.calls).toEqual([]);
    const forced = openShell({ flags: { force: true }, answers });
    expect(await forced.run('node fence n2')).toBe('done');
    expect(forced.cluster.calls[0]).toMatchObject({
      method: 'node.fence',
      params: { node: 'n2', action: 'reboot' },
    });
  });

  it('delete refuses an active node', async () => {
    const member = {
      nodeId: 2,
      name: 'n2',
      online: true,
      votes: 1,
      addresses: [],
      linkLatencyMs: [],
      version: null,
    };
    const state = {
      clusterName: 'c',
      localNode: 'n1',
      dc: 'n1',
      quorate: true,
      viewId: 1,
      votes: { expected: 2, total: 2, quorum: 2 },
      members: [member],
      transition: null,
    };
    const shell = openShell({ answers: { 'cluster.state': () => state } });
    expect(await shell.run('node delete n2')).toBe('failed');
    expect(shell.messages[0]).toContain('node n2 is still active');
    const gone = openShell({
      answers: { 'cluster.state': () => ({ ...state, members: [{ ...member, online: false }] }) },
    });
    expect(await gone.run('node delete n2')).toBe('done');
    expect(gone.xml('2')).toBe('');
  });
});

describe('maintenance, site, options', () => {
  it('maintenance on and off set the property', async () => {
    const shell = openShell();
    await shell.run('maintenance on');
    expect(shell.xml('cib-bootstrap-options')).toContain('name="maintenance-mode" value="true"');
    await shell.run('maintenance off');
    expect(shell.xml('cib-bootstrap-options')).toContain('name="maintenance-mode" value="false"');
    await shell.run('maintenance on web');
    expect(shell.xml('web')).toContain(pair('web-meta_attributes', 'maintenance', 'true'));
  });

  it('maintenance action is only for maintenance', async () => {
    const shell = openShell();
    expect(await shell.run('maintenance action web monitor')).toBe('failed');
    expect(shell.messages[0]).toContain('Resource not in maintenance mode');
  });

  it('site ticket grants, shows and revokes', async () => {
    const shell = openShell();
    await shell.run('site ticket grant shop');
    await shell.run('site ticket show shop');
    await shell.run('site ticket revoke shop');
    await shell.run('site ticket show shop');
    expect(shell.out).toBe('ticket shop is granted\nticket shop is revoked\n');
    expect(await shell.run('site ticket show other')).toBe('failed');
  });

  it('options are checked, and shown where they differ', async () => {
    const shell = openShell();
    await shell.run('options set core.wait yes');
    await shell.run('options show');
    expect(shell.out).toBe('core.wait = yes\n');
    await shell.run('options set core.bogus 1');
    await shell.run('options wait maybe');
    expect(shell.messages[0]).toBe('ERROR: options.set: Setting invalid option core.bogus');
    expect(shell.messages[1]).toContain('Not a boolean: maybe');
  });
});

describe('status', () => {
  it('is what crm_mon prints', async () => {
    const shell = openShell();
    expect(await shell.run('status')).toBe('done');
    expect(shell.out).toContain('  * Online: [ n1 n2 ]');
    expect(shell.out).toContain('  * vip\t(ocf:heartbeat:IPaddr2):\t Started n1');
    expect(shell.out).toContain('  * web\t(ocf:heartbeat:Dummy):\t Stopped');
  });

  it('leaves a word that it does not know to crm_mon, which says that it means nothing', async () => {
    const shell = openShell();
    expect(await shell.run('status bogus')).toBe('done');
    expect(shell.out).toContain('Node List:');
    expect(shell.messages[0]).toContain("'bogus' is no option and is ignored");
  });
});

it('a configuration without resources is shown as such', async () => {
  const empty = CIB.replace(/<resources>[\s\S]*<\/resources>/, '<resources/>').replace(
    /<lrm [\s\S]*?<\/lrm>/,
    '',
  );
  const shell = openShell({ cib: empty });
  await shell.run('resource status');
  expect(shell.out).toBe('NO resources configured\n');
});
