/**
 * What exercises each command: a line that `matrix.test.ts` runs on the small cluster of `fixture.ts`, with what it must
 * say or do; or, for what needs hosts and a real terminal, the test file that does.
 */
export type Row =
  | {
      /** Lines, run one after the other from the root level. */
      readonly run: readonly string[];
      /** In the results and messages of the last line, or of the CIB afterwards where it begins with `<`. */
      readonly says: string | RegExp;
      /** Status of the last line; default `done`. */
      readonly status?: 'failed' | 'usage';
      /** Somebody answers: `y` to every question. */
      readonly yes?: true;
    }
  /** Test files, and a text that stands in each. */
  | { readonly elsewhere: readonly string[]; readonly text: string };

const says = (run: string | readonly string[], what: string | RegExp): Row => ({
  run: typeof run === 'string' ? [run] : run,
  says: what,
});
const refuses = (run: string | readonly string[], what: string | RegExp): Row => ({
  ...says(run, what),
  status: 'failed',
});
/** After `configure`, these statements, then `commit`; the CIB then has it. */
const commits = (statement: string | readonly string[], what: string | RegExp): Row =>
  says(['configure', ...(typeof statement === 'string' ? [statement] : statement), 'commit force'], what);
const lab = (file: string, text: string): Row => ({ elsewhere: [`test/lab/${file}.test.ts`], text });
const tests = (file: string, text: string): Row => ({ elsewhere: [`test/${file}`], text });

export const MATRIX: Readonly<Record<string, Row>> = {
  // Root
  status: says('status', /Online: \[ n1 n2 \][\s\S]*vip/),
  verify: says('verify', 'Current cluster status:'),
  report: tests('shell/report.test.ts', 'report -S -Q'),

  // configure: the commands
  'configure ldirectord': refuses(
    'configure ldirectord /nonexistent/ldirectord.cf',
    '/nonexistent/ldirectord.cf',
  ),
  'configure show': says('configure show vip', 'primitive vip IPaddr2 \\\n\tparams ip=10.0.0.9'),
  'configure get_property': says('configure get_property stonith-enabled', 'false'),
  'configure schema': says('configure schema', 'pacemaker-3.9'),
  'configure save': says('configure save -', 'property cib-bootstrap-options'),
  'configure load': tests('language/configure.test.ts', 'load'),
  'configure edit': tests('lab/tutorial.test.ts', 'configure edit'),
  'configure filter': says(
    ['configure', "filter 'sed s/10.0.0.9/10.0.0.8/' vip", 'commit force'],
    'name="ip" value="10.0.0.8"',
  ),
  'configure set': commits(
    'set vip.ip 10.0.0.7',
    '<nvpair id="vip-instance_attributes-ip" name="ip" value="10.0.0.7"',
  ),
  'configure modgroup': commits('modgroup g add web', /<group id="g">[\s\S]*<primitive id="web"/),
  'configure rename': commits('rename web site', '<primitive id="site"'),
  'configure delete': refuses(['configure', 'delete web', 'show web'], 'object web does not exist'),
  'configure erase': commits('erase nodes', /^(?![\s\S]*name="rack")/),
  'configure default-timeouts': says(
    ['configure', 'default-timeouts web', 'show web'],
    'primitive web Dummy',
  ),
  'configure commit': says('configure commit', 'apparently there is nothing to commit'),
  'configure refresh': says(
    ['configure', 'property batch-limit=3', 'refresh', 'get_property batch-limit'],
    /^0$/m,
  ),
  'configure verify': says('configure verify', 'Blind faith: not fencing unseen nodes'),
  'configure graph': says('configure graph dot', 'digraph G'),
  'configure ptest': says('configure ptest', 'Transition Summary'),
  'configure validate-all': says('configure validate-all web', /^$/),
  'configure rsctest': refuses('configure rsctest nosuch', 'nosuch'),
  'configure upgrade': says('configure upgrade', 'the schema is pacemaker-3.9'),

  // configure: the statements
  'configure node': commits(
    'node n2 attributes rack=9',
    '<nvpair id="n2-instance_attributes-rack" name="rack" value="9"',
  ),
  'configure primitive': commits(
    'primitive p ocf:heartbeat:Dummy op monitor interval=10s',
    '<op name="monitor" interval="10s"',
  ),
  'configure bundle': commits(
    'bundle b docker image=pcmk:x replicas=2',
    '<docker image="pcmk:x" replicas="2"',
  ),
  'configure group': commits('group h vip web', '<group id="h"><primitive id="vip"'),
  'configure clone': commits('clone cw web', '<clone id="cw"><primitive id="web"'),
  'configure ms': commits('ms mw web', /<(master id="mw"|clone id="mw">[\s\S]*promotable)/),
  'configure rsc_template': commits('rsc_template t ocf:heartbeat:Dummy', '<template id="t"'),
  'configure location': commits(
    'location l vip 100: n2',
    '<rsc_location id="l" rsc="vip" score="100" node="n2"',
  ),
  'configure colocation': commits(
    'colocation k inf: web vip',
    '<rsc_colocation id="k" score="INFINITY" rsc="web" with-rsc="vip"',
  ),
  'configure order': commits(
    'order o Mandatory: vip web',
    '<rsc_order id="o" kind="Mandatory" first="vip" then="web"',
  ),
  'configure rsc_ticket': commits(
    'rsc_ticket rt T: vip loss-policy=stop',
    /<rsc_ticket id="rt" [^>]*ticket="T"/,
  ),
  'configure property': commits('property batch-limit=9', 'name="batch-limit" value="9"'),
  'configure rsc_defaults': commits(
    'rsc_defaults resource-stickiness=7',
    'name="resource-stickiness" value="7"',
  ),
  'configure op_defaults': commits('op_defaults timeout=33s', 'name="timeout" value="33s"'),
  'configure fencing_topology': says(
    'configure fencing_topology n1: nosuch',
    'fencing_topology: resource nosuch does not exist',
  ),
  'configure monitor': commits('monitor web 15s', '<op name="monitor" interval="15s"'),
  'configure tag': commits('tag both: vip web', '<tag id="both"><obj_ref id="vip"'),
  'configure alert': commits('alert al /srv/x.sh', '<alert id="al" path="/srv/x.sh"'),
  'configure role': commits('role r read xpath:"//nodes"', '<acl_role id="r"'),
  'configure acl_target': commits(
    ['role r read xpath:"//nodes"', 'acl_target joe r'],
    '<acl_target id="joe"',
  ),
  'configure user': refuses(
    ['configure', 'user jim read xpath:"//nodes"'],
    'user not supported by the RNG schema',
  ),
  'configure xml': commits(
    `xml '<primitive id="px" class="ocf" provider="heartbeat" type="Dummy"/>'`,
    '<primitive id="px"',
  ),

  // configure template, assist
  'configure template new': says(
    'configure template new tvip virtual-ip params ip=10.0.0.5',
    'pulling in template virtual-ip',
  ),
  'configure template load': says(
    ['configure template new tvip virtual-ip params ip=10.0.0.5', 'configure template load tvip'],
    /^$/,
  ),
  'configure template edit': refuses('configure template edit nosuch', 'nosuch'),
  'configure template show': says(
    ['configure template new tvip virtual-ip params ip=10.0.0.5', 'configure template show tvip'],
    'ip="10.0.0.5"',
  ),
  'configure template apply': refuses('configure template apply nosuch', 'nosuch'),
  'configure template delete': refuses('configure template delete nosuch', 'nosuch'),
  'configure template list': says('configure template list templates', 'virtual-ip'),
  'configure assist template': says(
    ['configure', 'assist template web ga', 'show type:rsc_template'],
    'rsc_template',
  ),
  'configure assist weak-bond': says(
    ['configure', 'assist weak-bond vip web', 'show type:colocation'],
    'place-constraint-1 inf: ( vip web )',
  ),

  // resource
  'resource status': says('resource status vip', 'resource vip is running on: n1'),
  'resource locate': says('resource locate vip', 'resource vip is running on: n1'),
  'resource start': says('resource start ga', 'name="target-role" value="Started"'),
  'resource stop': says(
    'resource stop vip',
    '<nvpair id="vip-meta_attributes-target-role" name="target-role" value="Stopped"',
  ),
  'resource restart': says('resource restart vip', 'ordering vip to st'),
  'resource promote': says('resource promote db-clone', /name="target-role" value="(Master|Promoted)"/),
  'resource demote': says('resource demote db-clone', /name="target-role" value="(Slave|Unpromoted)"/),
  'resource manage': says('resource manage vip', 'name="is-managed" value="true"'),
  'resource unmanage': says('resource unmanage vip', 'name="is-managed" value="false"'),
  'resource maintenance': says('resource maintenance vip on', 'name="maintenance" value="true"'),
  'resource move': says('resource move vip n2', '<rsc_location id="cli-prefer-vip" rsc="vip"'),
  'resource ban': says('resource ban vip n1', '<rsc_location id="cli-ban-vip-on-n1" rsc="vip"'),
  'resource clear': says(
    ['resource move vip n2', 'resource clear vip'],
    'Removed migration constraints for vip',
  ),
  'resource cleanup': says('resource cleanup vip', 'Cleaned up vip on n1'),
  'resource refresh': says('resource refresh vip', 'Cleaned up vip on n1'),
  'resource operations': says('resource operations vip', 'vip_start_0'),
  'resource constraints': says('resource constraints vip', 'vip'),
  'resource failcount': says('resource failcount vip show n1', 'name=fail-count-vip value=0'),
  'resource meta': says('resource meta vip set priority 5', 'name="priority" value="5"'),
  'resource param': says('resource param vip show ip', '10.0.0.9'),
  'resource utilization': says('resource utilization vip set cpu 2', 'name="cpu" value="2"'),
  'resource secret': says('resource secret vip show ip', '10.0.0.9'),
  'resource scores': says('resource scores', 'vip'),
  'resource trace': says('resource trace vip monitor', 'name="trace_ra" value="1"'),
  'resource untrace': says(
    ['resource trace vip monitor', 'resource untrace vip monitor'],
    'Stop tracing vip',
  ),

  // node
  'node show': says('node show n2', 'n2(2): member\n\track=7'),
  'node standby': says('node standby n2', 'name="standby" value="on"'),
  'node online': says(['node standby n2', 'node online n2'], 'online node n2'),
  'node maintenance': says('node maintenance n2', 'name="maintenance" value="true"'),
  'node ready': says('node ready n2', 'name="maintenance" value="off"'),
  'node fence': { run: ['node fence n2'], says: 'n2 was fenced', yes: true },
  'node clearstate': { run: ['node clearstate n2'], says: /^$/, yes: true },
  'node delete': refuses('node delete n1', 'n1'),
  'node attribute': says('node attribute n2 show rack', 'scope=nodes  name=rack value=7'),
  'node utilization': says('node utilization n2 set cpu 4', 'name="cpu" value="4"'),
  'node status-attr': says('node status-attr n2 set x 1', /^$/),
  'node server': says('node server n2', 'n2'),

  // cluster: needs hosts
  'cluster status': says('cluster status', 'DC:          n1'),
  'cluster health': says('cluster health', 'fencing is off'),
  'cluster init': lab('install', 'crm cluster init'),
  'cluster join': lab('cluster', 'cluster join'),
  'cluster add': lab('cluster', 'cluster add'),
  'cluster remove': lab('install', 'cluster remove'),
  'cluster start': lab('cluster', 'cluster start'),
  'cluster stop': lab('cluster', 'cluster stop'),
  'cluster restart': lab('history', 'cluster restart'),
  'cluster enable': lab('install', 'cluster enable'),
  'cluster disable': lab('install', 'cluster disable'),
  'cluster run': lab('cluster', 'cluster run'),
  'cluster copy': lab('cluster', 'cluster copy'),
  'cluster diff': lab('cluster', 'cluster diff'),
  'cluster import': lab('story-heartbeat-floating-ip', 'cluster import heartbeat'),
  'cluster migrate': lab('migration', 'cluster migrate'),
  'cluster geo_init': refuses(
    'cluster geo_init --clusters "paris=10.0.0.1 rome=10.0.1.1"',
    'is not among paris, rome',
  ),
  'cluster geo_join': refuses('cluster geo_join', 'expected -c HOST'),
  'cluster geo_init_arbitrator': refuses('cluster geo_init_arbitrator', 'expected -c HOST'),
  'cluster rename': lab('cluster', 'cluster rename'),
  'cluster crash_test': lab('cluster', 'cluster crash_test'),
  'cluster use': tests('shell/contexts.test.ts', 'cluster use'),
  'cluster wait_for_startup': says('cluster wait_for_startup', /^$/),

  // corosync
  'corosync status': says('corosync status quorum', 'Quorum'),
  'corosync show': says('corosync show', 'cluster_name: lab'),
  'corosync edit': refuses('corosync edit', 'edit not allowed in batch mode'),
  'corosync get': says('corosync get totem.cluster_name', 'lab'),
  'corosync set': says(['corosync set totem.token 3000', 'corosync get totem.token'], '3000'),
  'corosync diff': lab('cluster', 'corosync diff'),
  'corosync push': lab('cluster', 'corosync push'),
  'corosync pull': lab('cluster', 'corosync pull'),
  'corosync reload': says('corosync reload', /^$/),
  'corosync log': says('corosync log', 'a line of the log'),
  'corosync add-node': says(['corosync add-node 10.0.0.3 n3', 'corosync get nodelist.node.name'], 'n3'),
  'corosync del-node': says(
    ['corosync add-node 10.0.0.3 n3', 'corosync del-node n3', 'corosync get nodelist.node.name'],
    /^(?![\s\S]*n3)/,
  ),

  // cib
  'cib new': says('cib new draft', 'cib.new: draft shadow CIB created'),
  'cib use': says(['cib new draft', 'cib use live'], /^$/),
  'cib delete': says(
    ['cib new draft', 'cib use live', 'cib delete draft'],
    'cib.delete: draft shadow CIB deleted',
  ),
  'cib reset': says(['cib new draft', 'cib reset draft'], 'cib.reset: copied live CIB to draft'),
  'cib commit': says(
    ['cib new draft', 'cib use live', 'cib commit draft'],
    "committed 'draft' shadow CIB to the cluster",
  ),
  'cib diff': refuses('cib diff', 'no shadow CIB is in use'),
  'cib list': says(['cib new draft', 'cib list'], 'draft'),
  'cib import': refuses('cib import 99', 'no 99 pe input file'),

  // cibstatus
  'cibstatus load': says('cibstatus load live', /^$/),
  'cibstatus save': refuses('cibstatus save', "apparently you didn't modify status"),
  'cibstatus origin': says('cibstatus origin', 'live'),
  'cibstatus show': says('cibstatus show', '<node_state id="1"'),
  'cibstatus node': says(['cibstatus node n2 offline', 'cibstatus show changed'], 'n2 offline'),
  'cibstatus op': says(['cibstatus op start web unknown n1', 'cibstatus show changed'], 'web'),
  'cibstatus quorum': says(['cibstatus quorum false', 'cibstatus show changed'], 'quorum: false'),
  'cibstatus ticket': says(['cibstatus ticket T grant', 'cibstatus show changed'], 'T'),
  'cibstatus run': says(['cibstatus node n1 offline', 'cibstatus run'], 'vip'),
  'cibstatus simulate': says(['cibstatus node n1 offline', 'cibstatus simulate'], 'vip'),

  // ra
  'ra classes': says('ra classes', 'ocf'),
  'ra providers': says('ra providers Dummy', 'heartbeat'),
  'ra list': says('ra list ocf heartbeat', 'Dummy'),
  'ra info': says('ra info Dummy', 'Parameters (*: required, []: default):'),
  'ra validate': says('ra validate Dummy state=/x', /^$/),

  // history: test/shell/history.test.ts has them all
  'history source': tests('shell/history.test.ts', 'source '),
  'history limit': tests('shell/history.test.ts', 'limit 2h'),
  'history setnodes': tests('shell/history.test.ts', 'setnodes n3'),
  'history info': tests('shell/history.test.ts', 'history info'),
  'history latest': refuses('history latest', 'no transitions found in the source'),
  'history resource': tests('shell/history.test.ts', 'history resource vip'),
  'history node': tests('shell/history.test.ts', 'history node n1'),
  'history log': tests('shell/history.test.ts', 'history log'),
  'history events': tests('shell/history.test.ts', 'history events'),
  'history exclude': tests('shell/history.test.ts', 'exclude transition'),
  'history detail': tests('shell/history.test.ts', 'detail 1'),
  'history failover': tests('shell/history.test.ts', 'history failover 1'),
  'history peinputs': tests('shell/history.test.ts', 'history peinputs 3:5 v'),
  'history transitions': tests('shell/history.test.ts', 'history transitions'),
  'history transition': tests('shell/history.test.ts', 'history transition 4 scores'),
  'history show': tests('shell/history.test.ts', 'history show 0 status'),
  'history graph': tests('shell/history.test.ts', 'history graph 4'),
  'history diff': tests('shell/history.test.ts', 'history diff 4 0'),
  'history wdiff': tests('shell/history.test.ts', 'history wdiff 4 0'),
  'history session': tests('shell/history.test.ts', 'session save outage'),
  'history refresh': says('history refresh', '0 transitions, 0 events.'),

  // script
  'script list': says('script list', 'virtual-ip'),
  'script show': says('script show virtual-ip', 'ip'),
  'script verify': says('script verify virtual-ip id=v ip=10.0.0.77', 'primitive v'),
  'script run': tests('shell/script.test.ts', 'script run'),
  'script json': says(`script json '["list"]'`, '"name"'),

  // site, maintenance, options
  'site ticket': refuses('site ticket show T', 'T'),
  'maintenance on': says('maintenance on', 'name="maintenance-mode" value="true"'),
  'maintenance off': says('maintenance off', 'name="maintenance-mode" value="false"'),
  'maintenance action': refuses('maintenance action vip start', 'maintenance'),
  'options show': says('options show core.skill_level', 'expert'),
  'options set': says(['options set core.wait yes', 'options show core.wait'], 'yes'),
  'options save': says('options save', /^$/),
  'options reset': says(['options set core.wait yes', 'options reset', 'options show core.wait'], 'no'),
  'options skill-level': says(['options skill-level operator', 'options show core.skill_level'], 'operator'),
  'options editor': says(['options editor nano', 'options show core.editor'], 'nano'),
  'options pager': says(['options pager more', 'options show core.pager'], 'more'),
  'options user': says(['options user joe', 'options show core.user'], 'joe'),
  'options output': says(['options output plain', 'options show color.style'], 'plain'),
  'options colorscheme': says(['options colorscheme plain', 'options show color.style'], 'plain'),
  'options check-frequency': says(
    ['options check-frequency never', 'options show core.check_frequency'],
    'never',
  ),
  'options check-mode': says(['options check-mode relaxed', 'options show core.check_mode'], 'relaxed'),
  'options sort-elements': says(['options sort-elements no', 'options show core.sort_elements'], 'no'),
  'options wait': says(['options wait yes', 'options show core.wait'], 'yes'),
  'options add-quotes': says(['options add-quotes no', 'options show core.add_quotes'], 'no'),
  'options manage-children': says(
    ['options manage-children never', 'options show core.manage_children'],
    'never',
  ),
};
