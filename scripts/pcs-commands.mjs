/** Commands for a comparison with the real pcs, made up from a seed. */
import { randomNumbers } from './random-numbers.mjs';

/** Stands for the corosync.conf of a session in a command; such a command gets no `-f`. */
export const CONF = '@conf';

/** What every session begins with, so that there is something to talk about. */
export const OPENING = [
  'resource create d1 ocf:pacemaker:Dummy',
  'resource create d2 ocf:heartbeat:Dummy op monitor interval=15s',
  'resource create d3 ocf:pacemaker:Dummy --group g1',
  'resource create d4 ocf:pacemaker:Dummy --group g1',
  'resource create s1 ocf:pacemaker:Stateful promotable',
  'resource create k1 ocf:pacemaker:Dummy clone interleave=true',
];

/** @param only one kind of commands; default: all */
export function commandsOf(seed, count, only) {
  const random = randomNumbers(seed);
  const pick = (list) => list[Math.floor(random() * list.length)];
  const maybe = (make, chance = 0.4) => (random() < chance ? ` ${make()}` : '');
  const some = (make, most) => Array.from({ length: 1 + Math.floor(random() * most) }, make).join(' ');
  const prim = () => pick(['d1', 'd2', 'd3', 'd4', 's1', 'k1', 'd1', 'd2', 'x1', 'x2']);
  const rsc = () =>
    pick(['d1', 'd2', 'd3', 'd4', 'g1', 's1-clone', 'k1-clone', 'd1', 'd2', 'x1', 'x2', 'g2', 'nope']);
  const node = () => pick(['n1', 'n2', 'n3', 'n1', 'n2', 'n9']);
  const fresh = () => pick(['x1', 'x2', 'x3', 'x4']);
  const group = () => pick(['g1', 'g2', 'g3']);
  const score = () => pick(['100', '-INFINITY', 'INFINITY', '0', '50', 'foo', '-7']);
  const parameter = () =>
    pick(['state=/run/a', 'fake=1', 'fake=', 'passwd=x', 'op_sleep=2', 'nosuch=1', 'trace_ra=1']);
  const meta = () =>
    pick([
      'target-role=Stopped',
      'target-role=Started',
      'is-managed=false',
      'priority=5',
      'priority=',
      'resource-stickiness=100',
      'migration-threshold=3',
      'target-role=Bogus',
      'foo=bar',
    ]);
  const action = () => pick(['monitor', 'start', 'stop', 'monitor', 'promote', 'foo']);
  const operation = () =>
    `${action()} ${some(() => pick(['interval=10s', 'interval=11s', 'timeout=20s', 'on-fail=restart', 'role=Started', 'enabled=false', 'timeout=x', 'OCF_CHECK_LEVEL=10', 'foo=1']), 2)}`;
  const agent = () =>
    pick([
      'ocf:pacemaker:Dummy',
      'ocf:pacemaker:Dummy',
      'ocf:heartbeat:Dummy',
      'ocf:pacemaker:Stateful',
      'Stateful',
      'Dummy',
      'ocf:heartbeat:IPaddr2',
      'ocf:heartbeat:nosuch',
      'systemd:foo',
      'foo',
    ]);
  const agentOptions = (name) =>
    name.includes('IPaddr2')
      ? pick(['ip=10.0.0.9', 'ip=10.0.0.9 cidr_netmask=24 nic=eth1', '', 'ip=1 foo=1'])
      : maybe(parameter);
  const role = () => pick(['Started', 'Promoted', 'master', 'Slave', 'Unpromoted', 'started', 'Foo']);
  const expression = () =>
    pick([
      '#uname eq n1',
      'defined pingd',
      'not_defined pingd or pingd lte 0',
      'date gt 2020-01-01',
      'date in_range 2020-01-01 to 2031-01-01',
      'date in_range 2020-01-01 to duration weeks=2',
      'date-spec hours=9-16 weekdays=1-5',
      'pingd gt integer 3 and #uname ne n2',
      '( defined a or defined b ) and #uname eq n3',
      'pingd foo 3',
      'a eq',
      'date lt foo',
    ]);
  const defaultsRule = () =>
    pick([
      'resource ocf:pacemaker:Dummy',
      'op monitor',
      'op monitor interval=10s',
      'date gt 2020-01-01',
      'resource ::Dummy and op start',
      'resource systemd:: or op stop',
      'date-spec hours=1-5',
      'foo',
      '#uname eq n1',
      'defined a',
    ]);
  const ids = () =>
    pick([
      'location-d1-n1-100',
      'location-d1-n1-INFINITY',
      'location-d1',
      'location-d2',
      'l1',
      'l2',
      'order-d1-d2-mandatory',
      'colocation-d1-d2-INFINITY',
      'ticket-t1-d1',
      'o1',
      'col1',
      'nope',
      'location-d1-rule',
      'location-d2-rule',
    ]);
  const force = () => maybe(() => '--force', 0.15);
  const groups = {
    property: () =>
      pick([
        () =>
          `property set ${some(() => pick(['stonith-enabled=false', 'no-quorum-policy=ignore', 'no-quorum-policy=foo', 'cluster-delay=30s', 'maintenance-mode=true', 'maintenance-mode=', 'foo=1', 'foo=', 'symmetric-cluster=maybe', 'dc-version=1', 'migration-limit=4', 'stonith-action=off', 'placement-strategy=balanced', 'cluster-recheck-interval=5min', 'x']), 2)}${force()}`,
        () =>
          `property unset ${some(() => pick(['stonith-enabled', 'no-quorum-policy', 'foo', 'maintenance-mode']), 2)}${force()}`,
        () =>
          pick([
            'property',
            'property config',
            'property list',
            'property show stonith-enabled',
            'property config stonith-enabled foo',
            'property --all',
            'property config --defaults',
            'property foo',
          ]),
      ])(),
    create: () => {
      const name = agent();
      return `resource create ${pick([fresh(), fresh(), fresh(), 'd1', '1x', 'x%'])} ${name} ${agentOptions(name)}${maybe(() => `op ${some(operation, 2)}`, 0.3)}${maybe(() => `meta ${some(meta, 2)}`, 0.3)}${pick(['', '', '', ' clone', ' clone cc1 globally-unique=true', ' promotable', ' promotable pp1 notify=true', ` --group ${group()}`, ` --group g1 --before d4`, ' --group g1 --after d3', ' bundle b1', ''])}${maybe(() => pick(['--disabled', '--no-default-ops', '--force', '--wait']), 0.3)}`;
    },
    change: () =>
      pick([
        () =>
          `resource update ${prim()}${maybe(parameter, 0.7)}${maybe(() => `op ${operation()}`, 0.3)}${maybe(() => `meta ${some(meta, 2)}`, 0.4)}${force()}`,
        () => `resource meta ${rsc()} ${some(meta, 2)}`,
        () => `resource ${pick(['enable', 'disable', 'manage', 'unmanage'])} ${some(rsc, 2)}`,
        () => `resource ${pick(['manage', 'unmanage'])} ${rsc()} --monitor`,
        () => `resource op add ${prim()} ${operation()}${force()}`,
        () =>
          `resource op ${pick(['remove', 'delete'])} ${pick([`${prim()} monitor`, `${prim()} monitor interval=10s`, `${prim()} start interval=0s timeout=20s`, 'd1-monitor-interval-10s', 'nope'])}`,
        () =>
          `resource utilization ${pick(['', prim(), `${prim()} cpu=2`, `${prim()} cpu=2 mem=`, `${prim()} cpu=x`, `${rsc()} cpu=1`])}`,
        () => `resource ${pick(['delete', 'remove'])} ${rsc()}`,
        () => `resource update ${rsc()} ${pick(['interleave=true', 'clone-max=2', 'fake=3'])}`,
        () => `resource move-with-constraint ${rsc()} ${node()}${maybe(() => 'lifetime=PT1H', 0.2)}`,
        () => `resource ban ${rsc()} ${node()}${maybe(() => 'lifetime=foo', 0.2)}`,
        () => `resource clear ${rsc()}${maybe(node)}`,
        () => `resource ban ${rsc()}`,
        () => `resource move ${rsc()} n1`,
      ])(),
    groups: () =>
      pick([
        () =>
          `resource group add ${group()} ${some(prim, 3)}${pick(['', '', ' --before d4', ' --after d3', ' --after d1'])}`,
        () => `resource group ${pick(['remove', 'delete'])} ${group()}${maybe(() => some(prim, 2), 0.6)}`,
        () => `resource ungroup ${group()}${maybe(prim)}`,
        () => 'resource group list',
        () =>
          `resource clone ${rsc()}${maybe(() => pick(['cc2', 'clone-max=3', 'cc3 clone-max=2 promotable=true', 'promotable=true', 'foo=1']))}${force()}`,
        () => `resource promotable ${rsc()}${maybe(() => pick(['pp2', 'notify=true', 'promotable=true']))}`,
        () => `resource unclone ${rsc()}`,
      ])(),
    location: () =>
      pick([
        () =>
          `constraint location ${pick([rsc(), 'regexp%d.*', '%d1', 'resource%d2'])} ${pick(['prefers', 'avoids'])} ${some(() => `${node()}${maybe(() => `=${score()}`, 0.5).trim()}`, 2)}${force()}`,
        () =>
          `constraint location add ${pick(['l1', 'l2', '1l'])} ${rsc()} ${node()} ${score()}${maybe(() => pick(['resource-discovery=never', 'resource-discovery=foo', 'foo=1']), 0.3)}${force()}`,
        () =>
          `constraint location ${rsc()} rule ${maybe(() => pick(['score=100', 'score=foo', 'score-attribute=pingd', 'role=Master', 'role=Promoted', 'id=r1', 'constraint-id=lc1', 'resource-discovery=never']), 0.6)} ${expression()}${force()}`,
        () => `constraint location ${pick(['remove', 'delete'])} ${ids()}`,
        () =>
          `constraint rule add ${ids()} ${maybe(() => pick(['score=100', 'id=r2', 'role=slave']), 0.5)} ${expression()}`,
        () => `constraint rule ${pick(['remove', 'delete'])} ${ids()}`,
        () =>
          `constraint location ${pick(['', 'config', 'config --full', 'show', `config resources ${rsc()}`, `config nodes ${node()}`, 'config resources', 'config nodes', 'config foo', '--full', 'config --all --full'])}`,
      ])(),
    constraints: () =>
      pick([
        () =>
          `constraint order ${maybe(() => pick(['start', 'promote', 'foo']), 0.3)} ${rsc()} then ${maybe(() => pick(['start', 'promote', 'stop']), 0.3)} ${rsc()}${maybe(() => pick(['kind=Optional', 'kind=Foo', 'symmetrical=false', 'id=o1', 'score=INFINITY', 'require-all=false', 'foo=1']), 0.5)}${force()}`,
        () =>
          `constraint order set ${some(rsc, 2)} ${rsc()}${maybe(() => pick(['sequential=false', 'require-all=false', 'action=start', 'action=foo', 'role=Promoted']), 0.5)}${maybe(() => `set ${some(rsc, 2)}`, 0.4)}${maybe(() => `setoptions ${pick(['kind=Serialize', 'id=os1', 'symmetrical=false', 'foo=1', 'kind=foo'])}`, 0.4)}${force()}`,
        () => `constraint order ${pick(['remove', 'delete'])} ${some(rsc, 2)}`,
        () =>
          `constraint colocation add ${maybe(role, 0.3)} ${rsc()} with ${maybe(role, 0.3)} ${rsc()}${maybe(score)}${maybe(() => pick(['id=col1', 'foo=1', 'influence=true', 'score=7']), 0.3)}${force()}`,
        () =>
          `constraint colocation set ${some(rsc, 3)}${maybe(() => pick(['sequential=false', 'role=Master', 'role=foo']), 0.4)}${maybe(() => `set ${some(rsc, 2)}`, 0.4)}${maybe(() => `setoptions ${pick(['score=5', 'id=cs1', 'score=foo', 'score-attribute=a'])}`, 0.4)}${force()}`,
        () => `constraint colocation ${pick(['remove', 'delete'])} ${rsc()} ${rsc()}`,
        () =>
          `constraint ticket add t1 ${maybe(role, 0.3)} ${rsc()}${maybe(() => pick(['loss-policy=fence', 'loss-policy=foo', 'id=tk1', 'foo=1']))}${force()}`,
        () =>
          `constraint ticket set ${some(rsc, 2)} setoptions ${pick(['ticket=t2', 'ticket=t2 loss-policy=stop', 'loss-policy=stop', 'ticket=t2 id=ts1'])}${force()}`,
        () => `constraint ticket remove t1 ${rsc()}`,
        () => `constraint ${pick(['remove', 'delete'])} ${some(ids, 2)}`,
        () => `constraint ref ${some(rsc, 2)}`,
        () =>
          pick([
            'constraint',
            'constraint config',
            'constraint --full',
            'constraint list',
            'constraint show --full',
            'constraint order',
            'constraint order config --full',
            'constraint colocation',
            'constraint colocation config --full',
            'constraint ticket',
            'constraint ticket config --full',
            'constraint --all',
            'constraint colocation show --full',
            'constraint foo',
          ]),
      ])(),
    stonith: () =>
      pick([
        () =>
          `stonith create ${pick(['f1', 'f2', 'd1'])} ${pick(['fence_xvm', 'fence_ipmilan', 'fence_dummy', 'fence_nosuch'])}${maybe(() => pick(['pcmk_host_list=n1', 'ip=1.2.3.4 username=a password=b', 'pcmk_host_map=n1:1', 'foo=1', 'action=off']), 0.7)}${maybe(() => pick(['--disabled', '--force', 'op monitor interval=30s', 'meta priority=3', '--group g1', '--no-default-ops']), 0.5)}`,
        () =>
          `stonith update ${pick(['f1', 'f2', 'd1', 'nope'])} ${pick(['pcmk_delay_base=5', 'foo=1', 'ip=', 'pcmk_host_list='])}${force()}`,
        () =>
          `stonith ${pick(['delete', 'remove', 'enable', 'disable'])} ${pick(['f1', 'f2', 'd1', 'nope'])}`,
        () =>
          `stonith level add ${pick(['1', '2', 'x', '0'])} ${pick(['n1', 'n9', 'regexp%n.*', 'attrib%rack=1', 'node%n2'])} ${pick(['f1', 'f2', 'f1 f2', 'nope', 'f1,f2'])}${force()}`,
        () =>
          `stonith level remove ${pick(['1', '2'])} ${pick(['', 'target n1', 'target n1 stonith f1', 'n1', 'n1 f1', 'stonith f1'])}`,
        () => `stonith level clear ${pick(['', 'n1', 'target n1', 'stonith f1', 'f1'])}`,
        () =>
          pick([
            'stonith level',
            'stonith level config',
            'stonith level verify',
            'stonith config',
            'stonith config f1',
            'stonith config d1',
            'stonith config --output-format=cmd',
            'stonith meta f1 priority=2',
          ]),
      ])(),
    nodes: () =>
      pick([
        () =>
          `node attribute ${pick(['', node(), `${node()} rack=1`, `${node()} rack=`, `${node()} a=1 b=2`, '--name rack', `${node()} --name a`])}`,
        () =>
          `node utilization ${pick(['', node(), `${node()} cpu=4`, `${node()} cpu=`, `${node()} cpu=a`, '--name cpu'])}`,
        () =>
          `node ${pick(['standby', 'unstandby', 'maintenance', 'unmaintenance'])} ${pick([node(), `${node()} ${node()}`, '--all', ''])}`,
        () => 'node',
      ])(),
    tags: () =>
      pick([
        () => `tag create ${pick(['t1', 't2', 'd1'])} ${some(rsc, 3)}`,
        () =>
          `tag update ${pick(['t1', 't2', 't9'])} ${pick([`add ${rsc()}`, `remove ${rsc()}`, `add ${rsc()} --before d1`, `add ${rsc()} --after d2`, `add ${rsc()} remove ${rsc()}`, ''])}`,
        () => `tag ${pick(['remove', 'delete'])} ${some(() => pick(['t1', 't2', 't9']), 2)}`,
        () => pick(['tag', 'tag config', 'tag config t1', 'tag list', 'tag config t1 t9']),
        () => `resource ${pick(['disable', 'enable', 'unmanage', 'manage'])} t1`,
      ])(),
    acls: () =>
      pick([
        () =>
          `acl role create ${pick(['ro', 'rw', 'd1'])}${maybe(() => pick(['description=foo', 'read xpath /cib', 'write id d1', 'deny xpath //x read id nope', 'foo xpath /x']), 0.7)}`,
        () =>
          `acl role ${pick(['delete', 'remove'])} ${pick(['ro', 'rw', 'nope'])}${maybe(() => '--autodelete', 0.3)}`,
        () =>
          `acl role assign ${pick(['ro', 'rw', 'nope'])} ${pick(['to user u1', 'user u1', 'u1', 'to group gr1', 'gr1', 'foo'])}`,
        () =>
          `acl role unassign ${pick(['ro', 'rw'])} ${pick(['from user u1', 'u1', 'group gr1'])}${maybe(() => '--autodelete', 0.3)}`,
        () => `acl user create ${pick(['u1', 'u2', 'ro'])}${maybe(() => pick(['ro', 'ro rw', 'nope']))}`,
        () => `acl group create ${pick(['gr1', 'u1'])}${maybe(() => pick(['ro', 'rw']))}`,
        () => `acl ${pick(['user', 'group'])} ${pick(['delete', 'remove'])} ${pick(['u1', 'gr1', 'nope'])}`,
        () =>
          `acl permission add ${pick(['ro', 'rw', 'new1'])} ${pick(['read xpath /cib', 'write id d1', 'deny id nope', 'read foo', 'read xpath'])}`,
        () =>
          `acl permission ${pick(['delete', 'remove'])} ${pick(['ro-read', 'rw-write', 'nope', 'ro-write'])}`,
        () => pick(['acl', 'acl config', 'acl show', 'acl enable', 'acl disable']),
      ])(),
    alerts: () =>
      pick([
        () =>
          `alert create path=${pick(['/a', '/bin/x', ''])}${maybe(() => pick(['id=a1', 'id=a2', 'description=foo']))}${maybe(() => `options ${pick(['a=1', 'b=2 c='])}`, 0.3)}${maybe(() => `meta ${pick(['timeout=5s', 'foo=1'])}`, 0.3)}`,
        () =>
          `alert update ${pick(['a1', 'alert', 'nope'])} ${pick(['path=/b', 'description=', 'options a= b=3', 'meta timeout=', 'foo=1'])}`,
        () =>
          `alert ${pick(['remove', 'delete'])} ${some(() => pick(['a1', 'alert', 'alert-1', 'nope']), 2)}`,
        () =>
          `alert recipient add ${pick(['a1', 'alert', 'nope'])} value=${pick(['v1', 'v2', ''])}${maybe(() => pick(['id=rc1', 'description=d', 'options x=1', 'meta timeout=3']))}${force()}`,
        () =>
          `alert recipient update ${pick(['rc1', 'alert-recipient', 'nope'])} ${pick(['value=v3', 'value=v1', 'description=', 'options x=', 'value='])}${force()}`,
        () => `alert recipient ${pick(['remove', 'delete'])} ${pick(['rc1', 'alert-recipient', 'nope'])}`,
        () => pick(['alert', 'alert config', 'alert show']),
      ])(),
    defaults: () => {
      const kind = pick(['resource defaults', 'resource op defaults']);
      return pick([
        () => `${kind} ${pick(['', 'config', '--full', 'config --all', '--no-expire-check'])}`,
        () => `${kind} update ${pick(['timeout=30s', 'resource-stickiness=10', 'a=', 'a=1 b=2', 'x'])}`,
        () => `${kind} ${pick(['timeout=30s', 'a='])}`,
        () =>
          `${kind} set create ${maybe(() => pick(['id=s1', 'score=5', 'score=x', 'id=s2 score=10', 'foo=1']), 0.6)} ${maybe(() => `meta ${pick(['a=1', 'timeout=5s b=2', 'c='])}`, 0.8)}${maybe(() => `rule ${defaultsRule()}`, 0.5)}${force()}`,
        () =>
          `${kind} set update ${pick(['s1', 's2', 'nope', 'rsc_defaults-meta_attributes', 'op_defaults-meta_attributes'])} meta ${pick(['a=2', 'a=', 'z=1'])}`,
        () => `${kind} set ${pick(['remove', 'delete'])} ${pick(['s1', 's2', 'nope', 's1 s2'])}`,
      ])();
    },
    bundles: () =>
      pick([
        () =>
          `resource bundle create ${pick(['b1', 'b2', 'd1'])} container ${pick(['docker', 'podman', 'foo', 'rkt'])} ${pick(['image=i1', 'image=i1 replicas=2', 'replicas=2', 'image=i1 foo=1', 'image=i1 promoted-max=1 replicas-per-host=1', 'image=i1 masters=1'])}${maybe(() => `network ${pick(['control-port=3121', 'ip-range-start=10.0.0.5 host-netmask=24', 'foo=1', 'control-port=x'])}`, 0.5)}${maybe(() => `port-map ${pick(['port=80', 'id=pm1 range=1-5', 'port=80 internal-port=8080', 'port=1 range=1-2', 'foo=1'])}`, 0.4)}${maybe(() => `storage-map ${pick(['source-dir=/a target-dir=/b', 'id=sm1 source-dir-root=/a target-dir=/b options=rw', 'source-dir=/a'])}`, 0.4)}${maybe(() => `meta ${meta()}`, 0.3)}${maybe(() => '--disabled', 0.2)}${force()}`,
        () =>
          `resource bundle update ${pick(['b1', 'b2', 'd1', 'nope'])} ${pick(['container image=i2', 'network control-port=', 'port-map add port=81', 'port-map remove pm1', 'storage-map add source-dir=/x target-dir=/y', 'storage-map remove sm1', 'meta priority=3', 'container replicas=', 'network ip-range-start='])}${force()}`,
        () =>
          `resource bundle reset ${pick(['b1', 'b2', 'nope'])} container ${pick(['image=i3', 'replicas=2'])}`,
        () => `resource create ${fresh()} ocf:pacemaker:Dummy bundle b1`,
      ])(),
    show: () =>
      pick([
        'resource config',
        'resource config d1 g1',
        'resource config nope',
        'resource config --output-format=cmd',
        'resource config --output-format=json',
        'resource config --output-format=foo',
        'resource config s1-clone',
        'resource',
        'resource status',
        'resource status d1',
        'resource relations d1',
        'resource relations d1 --full',
        'resource relations nope',
        'resource failcount',
        'resource failcount show d1 --full',
        'resource relocate dry-run',
        'status nodes config',
        'status xml',
        'cluster cib scope=resources',
        'cluster cib scope=foo',
        'cluster verify',
        'cluster cib-upgrade',
        'cluster node remove-remote r1',
        'cluster node add-remote r1 10.0.0.1',
        'cluster node add-guest gu1 d1 remote-addr=10.0.0.2 --force',
        'cluster node remove-guest gu1',
        'resource disable d1 --simulate',
        'resource disable g1 --safe',
        'status',
        'foo',
        'resource foo',
        'config',
        'config show',
        'status --full',
        'status --hide-inactive',
        'status resources',
        'status resources d1',
        'status cluster',
        'status nodes',
        'status nodes both',
        'status corosync',
        'status quorum',
        'status foo',
        'resource status g1',
        'resource status node=n1',
        'resource status --hide-inactive',
        'resource group list',
        'stonith status',
        'stonith history',
        'stonith config --output-format=json',
        'constraint config --output-format=json',
        'cluster cib scope=constraints',
        'cluster cib scope=crm_config',
        'cluster cib-push nosuch.xml',
        'cluster start --all',
        'resource debug-start d1 --bogus',
        'resource safe-disable d1',
        'resource cleanup nope --strict',
      ]),
    corosync: () =>
      `${pick([
        () =>
          pick([
            'quorum',
            'quorum config',
            'cluster config',
            'cluster config show --output-format=cmd',
            'cluster config show --output-format=json',
            'cluster config show --output-format=foo',
            'quorum foo',
          ]),
        () =>
          `quorum update ${some(() => pick(['wait_for_all=1', 'wait_for_all=', 'auto_tie_breaker=1', 'auto_tie_breaker=0', 'last_man_standing=1', 'last_man_standing_window=100', 'last_man_standing_window=x', 'two_node=1', 'foo=1', 'wait_for_all=2']), 3)}${force()}`,
        () =>
          `quorum device add ${maybe(() => pick(['sync_timeout=100', 'timeout=5', 'foo=1', 'timeout=x']), 0.3)} model net ${pick(['host=h1 algorithm=ffsplit', 'host=h1 algorithm=lms tie_breaker=lowest', 'host=h1', 'algorithm=foo host=h1', 'host=h1 algorithm=ffsplit port=5403', 'host=h1 algorithm=ffsplit port=x', 'host=h1 algorithm=ffsplit foo=1'])}${maybe(() => `heuristics ${pick(['mode=on exec_a=/bin/true', 'mode=foo', 'exec_a=', 'interval=10 mode=sync', 'foo=1'])}`, 0.3)}${force()}`,
        () =>
          `quorum device update ${pick(['timeout=7', 'model host=h2', 'model algorithm=lms', 'sync_timeout= model port=5500', 'heuristics mode=off', 'heuristics exec_b=/bin/x', 'foo=1', 'model host='])}${force()}`,
        () => `quorum device ${pick(['remove', 'heuristics remove', 'heuristics delete', 'foo'])}`,
        () =>
          `cluster config update ${some(() => pick(['totem token=3000', 'totem token=x', 'totem foo=1', 'totem consensus=', 'transport knet_pmtud_interval=60', 'transport link_mode=active', 'transport link_mode=foo', 'compression level=2 model=zlib', 'crypto cipher=aes128', 'crypto cipher=none hash=none', 'crypto cipher=foo', 'crypto hash=sha512']), 2)}${force()}`,
        () => pick(['cluster config uuid generate', 'cluster link remove 0', 'cluster link add n1=10.1.0.1']),
      ])()} --corosync_conf=${CONF}`,
    setup: () =>
      `cluster setup ${pick(['c2', 'c-3', ''])} ${pick(['n1 addr=10.2.0.1', 'n1 addr=10.2.0.1 addr=10.3.0.1'])} ${pick(['n2 addr=10.2.0.2', 'n2 addr=10.2.0.2 addr=10.3.0.2', 'n1 addr=10.2.0.2', ''])}${maybe(() => `transport ${pick(['knet', 'udpu', 'udp', 'foo', 'knet link link_priority=2', 'knet link linknumber=1 mcastport=5410', 'knet crypto cipher=aes128 hash=sha1', 'knet compression model=zlib', 'udpu link bindnetaddr=10.2.0.0', 'knet ip_version=ipv4'])}`, 0.6)}${maybe(() => `totem ${pick(['token=2000', 'token=x', 'consensus=3000 token=2500', 'foo=1'])}`)}${maybe(() => `quorum ${pick(['wait_for_all=1', 'auto_tie_breaker=1', 'last_man_standing=1', 'foo=1'])}`, 0.3)} --no-cluster-uuid --overwrite --corosync_conf=${CONF}${force()}`,
  };
  const kinds = only === undefined ? Object.values(groups) : [groups[only]];
  return Array.from({ length: count }, () => pick(kinds)());
}
