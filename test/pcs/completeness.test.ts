/** Every command of pcs 0.11, and the forms of 0.9 that are taken, lead somewhere and have help. */
import { expect, test } from 'vitest';
import type { Command, Level, Row } from '../../src/pcs/command.js';
import { GROUPS, type Group, isGroup } from '../../src/pcs/groups.js';
import { SYNOPSES } from '../../src/pcs/synopses.js';
import { usage } from '../../src/pcs/usage.js';

/** pcs 0.11, by group; a second word after `/` is another for the same. */
const COMMANDS: Readonly<Record<Group, string>> = {
  cluster: `setup; config; config show; config update; config uuid generate; authkey corosync; sync; sync corosync; status;
    auth; start; stop; kill; enable; disable; destroy; cib; cib-push; cib-upgrade; edit; link add; link remove/delete;
    link update; node add; node remove/delete; node clear; node add-remote; node remove-remote/delete-remote;
    node add-guest; node remove-guest/delete-guest; uidgid; corosync; reload; verify; report; standby; unstandby;
    quorum unblock; pcsd-status`,
  resource: `status; config; list; describe; create; standards; providers; agents; update; meta; delete/remove; show;
    group add; group list; group remove/delete; ungroup; clone; promotable; master; unclone; enable; disable;
    safe-disable; restart; debug-start; debug-stop; debug-promote; debug-demote; debug-monitor; manage; unmanage;
    failcount; failcount show; failcount reset; op add; op remove/delete; op defaults; op defaults config;
    op defaults update; op defaults set create; op defaults set update; op defaults set remove/delete; defaults;
    defaults config; defaults update; defaults set create; defaults set update; defaults set remove/delete; cleanup;
    refresh; relocate show; relocate dry-run; relocate run; relocate clear; utilization; bundle create; bundle reset;
    bundle update; move; move-with-constraint; ban; clear; relations`,
  stonith: `status; config; list; describe; create; update; delete/remove; show; meta; op add; op remove/delete;
    op defaults; defaults; level; level config; level add; level remove/delete; level clear; level verify; failcount;
    fence; confirm; history; history show; history cleanup; history update; enable; disable; cleanup; refresh`,
  property: 'config; list; show; set; unset',
  constraint: `config; list; show; all; remove/delete; rm; ref; location; location add; location remove/delete;
    location rm; location config; location show; order; order set; order remove/delete; order config; order show;
    colocation; colocation add; colocation set; colocation remove/delete; colocation config; colocation show; ticket;
    ticket add; ticket set; ticket remove/delete; ticket config; ticket show; rule add; rule remove/delete`,
  acl: `config; show; enable; disable; role create; role delete/remove; role assign; role unassign; user create;
    user delete/remove; group create; group delete/remove; permission add; permission delete/remove`,
  quorum: `config; status; update; device add; device update; device remove/delete; device status;
    device heuristics remove/delete; expected-votes; unblock`,
  status: 'status; resources; groups; cluster; nodes; corosync; quorum; xml; pcsd',
  config:
    'show; backup; restore; checkpoint; checkpoint list; checkpoint view; checkpoint restore; checkpoint diff',
  host: 'auth; deauth',
  pcsd: 'status; deauth; clear-auth',
  node: 'attribute; utilization; standby; unstandby; maintenance; unmaintenance',
  alert: `config; show; create; update; remove/delete; recipient add; recipient update; recipient remove/delete`,
  tag: 'config; list; create; update; remove/delete',
};

const rows = Object.entries(COMMANDS).flatMap(([group, text]) =>
  text.split(';').flatMap((entry) => {
    const words = entry.trim().split(/\s+/);
    const last = words.pop()!;
    return last.split('/').map((word) => [group as Group, [...words, word].join(' ')] as const);
  }),
);

function follow(top: Level, words: readonly string[]): Command | null {
  let row: Row = top;
  for (const word of words) {
    if (row.kind !== 'level') return null;
    const next: Row | undefined = row.rows[word];
    if (!next) return null;
    row = next;
  }
  while (row.kind === 'level' && row.alone !== null) row = row.rows[row.alone]!;
  if (row.kind === 'level') return row.otherwise;
  return row;
}

test.each(rows)('pcs %s %s', async (group, name) => {
  const command = follow(await GROUPS[group].load(), name.split(' '));
  expect(command?.run).toBeTypeOf('function');
});

test('every entry of the help belongs to a command', async () => {
  for (const [group, entries] of Object.entries(SYNOPSES)) {
    if (!isGroup(group)) throw new Error(`no such group: ${group}`);
    const top = await GROUPS[group].load();
    for (const name of Object.keys(entries))
      expect(follow(top, name.split(' ')), `${group} ${name}`).not.toBeNull();
  }
});

test('help is for all, for a group, and for a command', async () => {
  expect(await usage([])).toMatch(/Usage: pcs \[-H host\][\s\S]*cluster {5}The cluster and its nodes\./);
  expect(await usage(['tag'])).toMatch(/^\nUsage: pcs tag\.\.\.\n {4}create TAG ID\.\.\./);
  expect(await usage(['resource', 'group', 'add'])).toMatch(
    /^\nUsage: pcs resource group add\.\.\.\n {4}group add GROUP RESOURCE/,
  );
});
