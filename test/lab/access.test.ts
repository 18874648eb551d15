/** Who may do what: people with accounts of their own, over SSH. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Lab } from './lab.js';

const lab = new Lab('access');

beforeAll(async () => {
  await lab.up('n1');
  await lab.ok('client', 'crm cluster init -n web n1');
  await lab.ok(
    'n1',
    `groupadd -f haclient
for user in ann eve; do
  useradd -m -s /bin/sh $user && mkdir -p /home/$user/.ssh && cp /root/.ssh/authorized_keys /home/$user/.ssh/ && chown -R $user: /home/$user/.ssh
done
usermod -a -G haclient ann`,
  );
  await lab.ok('client', 'crm -H n1 configure property stonith-enabled=false');
  await lab.ok(
    'client',
    'crm -H n1 configure primitive d ocf:pacemaker:Dummy params fake=hidden op monitor interval=30s',
  );
});
afterAll(() => lab.down());

test('an account that is not in haclient may do nothing', async () => {
  const ran = await lab.exec('client', 'crm -H eve@n1 configure show');
  expect(ran.code).toBe(1);
  expect(ran.err).toContain('eve may not administer this cluster');
});

test('a member of haclient may do all, until ACLs say what', async () => {
  expect(await lab.ok('client', 'crm -H ann@n1 configure show d')).toContain('fake=hidden');
  await lab.ok(
    'client',
    `crm -H n1 configure load update - <<'END'
role look read xpath:"//nodes" read xpath:"//crm_config"
acl_target ann look
property enable-acl=true
END`,
  );
  const text = await lab.ok('client', 'crm -H ann@n1 configure show');
  expect(text).toContain('node 1: n1');
  expect(text).not.toContain('hidden');
  expect((await lab.exec('client', 'crm -H ann@n1 history show 0')).out).not.toContain('hidden');
  const ran = await lab.exec('client', 'crm -F -H ann@n1 configure property batch-limit=3');
  expect(ran.code).toBe(1);
  expect(ran.err).toContain('the ACLs of this cluster do not let ann make this change');
  expect(await lab.ok('client', 'crm -H n1 configure show')).not.toContain('batch-limit');
});

test('who asked for what, and from where, is in the log', async () => {
  const log = await lab.ok('n1', 'cat /var/log/quorate/quorated.log');
  expect(log).toMatch(/root from 10\.77\.0\.254 asks: cib\.patch .*command="crm configure/);
  expect(log).toMatch(/ann from 10\.77\.0\.254 asks: cib\.patch/);
  expect(log).not.toContain('hidden');
});
