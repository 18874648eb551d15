import { type Command, command, level, many, oneOf, optional, sublevel, word } from '../command.js';
import { complete } from './configure-complete.js';
import { cibSublevel, cibstatusSublevel, historySublevel, raSublevel } from './shared-sublevels.js';

/** Work of a command, loaded when it runs. */
const work =
  <M>(load: () => Promise<M>, choose: (module: M) => Command['run']): Command['run'] =>
  async (env, args) =>
    choose(await load())(env, args);

const view = (choose: (m: typeof import('./configure-view.js')) => Command['run']) =>
  work(() => import('./configure-view.js'), choose);
const change = (choose: (m: typeof import('./configure-change.js')) => Command['run']) =>
  work(() => import('./configure-change.js'), choose);
const files = (choose: (m: typeof import('./configure-files.js')) => Command['run']) =>
  work(() => import('./configure-files.js'), choose);
const commit = (choose: (m: typeof import('./configure-commit.js')) => Command['run']) =>
  work(() => import('./configure-commit.js'), choose);
const checks = (choose: (m: typeof import('./configure-checks.js')) => Command['run']) =>
  work(() => import('./configure-checks.js'), choose);

const statementRun = work(
  () => import('./configure-commands.js'),
  (m) => m.runStatement,
);

/** A statement of the language as a command: the grammar parses, completes and explains it. */
function statement(
  name: string,
  summary: string,
  help: string,
  options: { aliases?: readonly string[]; synonyms?: readonly string[]; skill?: 'expert' } = {},
): Command {
  return command(name, summary, {
    help,
    skill: options.skill ?? 'administrator',
    aliases: options.aliases ?? [],
    synonyms: options.synonyms ?? [],
    complete: complete.statement,
    usage: statementUsage(name),
    run: statementRun,
  });
}

function statementUsage(name: string): NonNullable<Command['usage']> {
  return async () => (await import('../../../grammar/crm/usage.js')).statementUsage(name) ?? [name];
}

const id = { label: 'ID', complete: complete.ids };
const selection = { label: 'SELECTION', complete: complete.selection };

export const configureLevel = level('configure', 'CIB configuration', {
  help: `
At this level the configuration is edited. Changes gather in a working copy; nothing reaches the cluster until
"commit", or until the level is left. Statements (node, primitive, group, location, ...) make objects, commands (show,
edit, delete, ...) work on them. Tab completes with what the grammar allows.`,
  levels: [
    raSublevel,
    cibSublevel,
    cibstatusSublevel,
    sublevel(
      'template',
      'Import configuration from templates',
      async () => (await import('./configure-template.js')).templateLevel,
    ),
    sublevel(
      'assist',
      'Configuration assistant',
      async () => (await import('./configure-assist.js')).assistLevel,
    ),
    historySublevel,
  ],
  assist: async () => (await import('./configure-typing.js')).configureTyping,
  enter: async (env) => {
    const { openCopy } = await import('./configure-copy.js');
    return (await openCopy(env.session)) ? 'done' : 'failed';
  },
  leave: async (env, how) => {
    const copy = env.session.workingCopy;
    if (!copy) return 'done';
    if (!copy.changed) {
      env.session.workingCopy = null;
      return 'done';
    }
    const { leave } = await import('./configure-commit.js');
    return leave(env, how);
  },
  commands: [
    command('show', 'Display CIB objects', {
      args: [optional(many(selection))],
      help: `
Shows the configuration, or the objects selected: ids, wildcards, type:KIND, tag:ID, related:ID, changed, joined by
"or" and "and". With "xml" or "json" first, in that format. Values of attributes that match a pattern of option
core.obscure_pattern (or obscure:PATTERN) are hidden. "--ids" names every inner id, "--text" writes everything as text.

    show
    show type:primitive and web*
    show xml web
    show changed`,
      run: view((m) => m.show),
    }),
    command('get_property', 'Get property value', {
      synonyms: ['get-property'],
      args: [optional(many({ label: '[-t] NAME', complete: complete.properties }))],
      help: 'The value of cluster options, or their default. With -t as true or false. Without a name, all names.',
      run: view((m) => m.getProperty),
    }),
    command('schema', 'Set or display current CIB RNG schema', {
      args: [optional(word('SCHEMA'))],
      help: 'Shows or changes the schema (validate-with) that the configuration follows.',
      skill: 'administrator',
      run: change((m) => m.schema),
    }),
    command('save', 'Save the CIB to a file', {
      args: [many({ label: '[xml|json] [SELECTION] FILE', complete: complete.selection })],
      help: `
Writes the configuration (or a selection) to a file, "-" for standard output. Nothing is hidden.

    save cluster.crm
    save xml backup.xml
    save type:primitive -`,
      skill: 'administrator',
      run: files((m) => m.save),
    }),
    command('load', 'Import the CIB from a file', {
      args: [
        { label: '[xml|json]', complete: complete.words('xml', 'json', 'replace', 'update', 'push') },
        many({ label: 'replace|update|push FILE', complete: complete.files }),
      ],
      help: `
Reads statements (or an XML or JSON document) from a file, a URL or "-". "update" adds and changes, "push" also
deletes what the file does not name, "replace" begins from an empty configuration. The whole file is understood before
anything changes: a mistake changes nothing.

    load update cluster.crm
    load xml replace backup.xml`,
      skill: 'administrator',
      run: files((m) => m.load),
    }),
    command('edit', 'Edit CIB objects', {
      args: [optional(many(selection))],
      help: `
Opens the configuration (or a selection) in the editor: option core.editor, $EDITOR. With "xml" or "json" first in that
format. Objects removed from the text are deleted.

    edit
    edit web
    edit xml type:location`,
      skill: 'administrator',
      run: files((m) => m.edit),
    }),
    command('filter', 'Filter CIB objects', {
      args: [word('PROGRAM'), optional(many(selection))],
      help: `
Pipes the objects, one on a line, through a program and takes over what it prints.

    filter "sed 's/10s/20s/'" type:primitive`,
      skill: 'administrator',
      run: files((m) => m.filter),
    }),
    command('set', 'Set an attribute value', {
      args: [{ label: 'PATH', complete: complete.ids }, word('VALUE')],
      help: `
Changes one existing attribute: ID.NAME, ID.OPERATION.NAME or ID.OPERATION.INTERVAL.NAME.

    set vip.ip 10.0.0.9
    set web.monitor.10s.timeout 30s`,
      skill: 'administrator',
      run: change((m) => m.set),
    }),
    command('modgroup', 'Modify group', {
      args: [
        { label: 'GROUP', complete: complete.groups },
        oneOf('add', 'remove'),
        id,
        optional(oneOf('after', 'before')),
        optional(id),
      ],
      help: `
Puts a primitive into a group, or takes it out.

    modgroup web add nginx after vip
    modgroup web remove nginx`,
      skill: 'administrator',
      run: change((m) => m.modgroup),
    }),
    command('rename', 'Rename a CIB object', {
      args: [{ label: 'old_id', complete: complete.ids }, { label: 'new_id' }],
      help: 'Gives an object another id, also where constraints name it. It must not be running.',
      skill: 'administrator',
      run: change((m) => m.rename),
    }),
    command('delete', 'Delete CIB objects', {
      aliases: [],
      synonyms: ['rm'],
      args: [optional(many({ label: '[--force] ID', complete: complete.ids }))],
      help: `
Deletes objects. Constraints, tags and templates' users that make no sense without them go too and are named; a group's
members stay. A running resource is refused, unless --force stops it first.

    delete vip
    delete --force web`,
      skill: 'administrator',
      run: change((m) => m.remove),
    }),
    command('erase', 'Erase the CIB', {
      args: [optional(oneOf('nodes'))],
      help: 'Deletes everything but the nodes, or only the nodes. Refused while resources run.',
      skill: 'administrator',
      run: change((m) => m.erase),
    }),
    command('default-timeouts', 'Set timeouts for operations to minimums from the meta-data', {
      synonyms: ['default_timeouts'],
      args: [optional(many({ label: 'PRIMITIVE', complete: complete.primitives }))],
      help: 'Sets the timeouts of the resources’ operations to what their agents advise.',
      skill: 'administrator',
      run: change((m) => m.timeouts),
    }),
    command('commit', 'Commit the changes to the CIB', {
      args: [optional(oneOf('force', 'replace')), optional(oneOf('force', 'replace'))],
      waits: true,
      help: `
Checks the changes and sends them to the cluster as a patch. If someone else changed the same thing meanwhile, both
versions are shown and nothing is overwritten; "force" overrides. "replace" sends the whole configuration.`,
      skill: 'administrator',
      run: commit((m) => m.commit),
    }),
    command('refresh', 'Refresh from CIB', {
      help: 'Reads the configuration again; pending changes are dropped.',
      skill: 'administrator',
      run: change((m) => m.refresh),
    }),
    command('verify', 'Verify the CIB with crm_verify', {
      help: 'Checks the configuration with its pending changes: schema, references, agents and their parameters.',
      skill: 'administrator',
      run: checks((m) => m.verify),
    }),
    command('ldirectord', 'Check or extend ldirectord.cf', {
      args: [
        optional({ label: 'FILE', complete: complete.files }),
        optional(
          many({
            label: 'SETTING=VALUE',
            complete: async (request) => (await import('./configure-ldirectord.js')).completeSetting(request),
          }),
        ),
      ],
      skill: 'administrator',
      help: `
Says what is wrong with the file that ocf:heartbeat:ldirectord works by (without FILE, those of the configured ones):
virtual services without real servers, unknown schedulers, checks that could not fail. "verify" looks at it as well. With
settings a virtual service is added to the file, or extended; it is written only where nothing is wrong with it.

    configure ldirectord
    configure ldirectord /etc/ha.d/ldirectord.cf virtual=10.0.0.1:80 "real=10.0.0.2:80 gate" request=/ receive=Welcome`,
      run: async (env, args) => (await import('./configure-ldirectord.js')).ldirectord(env, args),
    }),
    command('graph', 'Generate a directed graph', {
      args: [
        optional(oneOf('dot', 'exportsettings')),
        optional({ label: 'FILE', complete: complete.files }),
        optional(word('FORMAT')),
      ],
      help: `
The configuration as a Graphviz graph: order constraints, groups as boxes, preferred nodes. Without a file the text is
shown; for another format than dot the program "dot" draws it.

    graph dot
    graph dot cluster.dot
    graph dot cluster.svg svg`,
      run: work(
        () => import('./configure-graph.js'),
        (m) => m.graph,
      ),
    }),
    command('ptest', 'Show cluster actions if changes were committed', {
      aliases: ['simulate'],
      args: [optional(many(oneOf('nograph', 'v', 'scores', 'actions', 'utilization')))],
      help: `
What the cluster would do if the pending changes were committed now.

    ptest
    ptest scores utilization`,
      skill: 'administrator',
      run: work(
        () => import('./configure-simulate.js'),
        (m) => m.ptest,
      ),
    }),
    command('validate-all', 'Call agent validate-all for resource', {
      synonyms: ['validate_all'],
      args: [{ label: 'RSC', complete: complete.primitives }],
      help: 'Runs the agent’s validate-all action with the parameters of a resource.',
      skill: 'administrator',
      run: work(
        () => import('./configure-agent-runs.js'),
        (m) => m.validateAll,
      ),
    }),
    command('rsctest', 'Test resources as currently configured', {
      args: [many({ label: 'RSC|NODE', complete: complete.ids })],
      help: 'Starts, probes and stops each resource on this node, in order. The resources must be stopped.',
      skill: 'expert',
      run: work(
        () => import('./configure-agent-runs.js'),
        (m) => m.rsctest,
      ),
    }),
    command('upgrade', 'Upgrade the CIB', {
      args: [optional(oneOf('force'))],
      help: 'Moves the configuration to the newest schema, at once. Needs "force" unless the schema is ancient.',
      skill: 'administrator',
      run: work(
        () => import('./configure-upgrade.js'),
        (m) => m.upgrade,
      ),
    }),
    command('_test', 'Check internal structures', {
      hidden: true,
      skill: 'administrator',
      run: change((m) => m.structure),
    }),
    command('_regtest', 'Settings of regression tests', {
      hidden: true,
      args: [oneOf('on', 'off')],
      skill: 'administrator',
      run: change((m) => m.nothing),
    }),
    command('_objects', 'List objects with their state', {
      hidden: true,
      skill: 'administrator',
      run: view((m) => m.objects),
    }),
    command('_keywords', 'List the words of the language', { hidden: true, run: view((m) => m.keywords) }),
    statement(
      'node',
      'Define a cluster node',
      `
A node and its attributes. An existing node keeps what is not named.

    node n1 attributes rack=2 utilization cpu=8`,
    ),
    statement(
      'primitive',
      'Define a resource',
      `
A resource: an id, an agent (class, provider and type; ocf and heartbeat may be left out) or a template, parameters,
meta attributes, operations.

    primitive vip IPaddr2 params ip=10.0.0.9 op monitor interval=10s timeout=20s
    primitive web2 @web params port=8080`,
      { aliases: ['resource'] },
    ),
    statement(
      'bundle',
      'Container bundle',
      `
A resource run in containers.

    bundle web docker image=web:1 replicas=3 network ip-range-start=10.0.0.20 port-mapping port=80 primitive nginx`,
    ),
    statement(
      'group',
      'Define a group',
      `
Primitives that run on one node, started in order and stopped in reverse.

    group web vip nginx meta target-role=Started`,
    ),
    statement(
      'clone',
      'Define a clone',
      `
A resource that runs on several nodes; with promotable=true one copy is promoted.

    clone dlm-clone dlm meta interleave=true
    clone db-clone db meta promotable=true promoted-max=1`,
    ),
    command('ms', 'Define a master-slave resource', {
      aliases: ['master'],
      help: 'A promotable clone in the old form; "clone ... meta promotable=true" is the new one.',
      skill: 'administrator',
      complete: complete.statement,
      usage: statementUsage('ms'),
      run: work(
        () => import('./configure-commands.js'),
        (m) => m.runMs,
      ),
    }),
    statement(
      'rsc_template',
      'Define a resource template',
      `
What primitives with @TEMPLATE have in common.

    rsc_template web ocf:heartbeat:apache op monitor interval=20s timeout=30s`,
    ),
    statement(
      'location',
      'A location preference',
      `
Where a resource may run: a score for a node, or rules.

    location l web 100: n1
    location l web rule -inf: not_defined pingd or pingd lte 0`,
    ),
    statement(
      'colocation',
      'Colocate resources',
      `
Resources on one node (positive score) or apart (negative). The first depends on the second.

    colocation web-with-vip inf: web vip
    colocation all inf: a ( b c ) d`,
      { aliases: ['collocation'] },
    ),
    statement(
      'order',
      'Order resources',
      `
Which action comes first.

    order vip-first Mandatory: vip web
    order o Optional: db:promote app:start`,
    ),
    statement(
      'rsc_ticket',
      'Resources ticket dependency',
      `
Resources that may run only where the ticket is granted.

    rsc_ticket web-ticket site-a: web loss-policy=stop`,
    ),
    statement(
      'property',
      'Set a cluster property',
      `
Options of the cluster.

    property stonith-enabled=true no-quorum-policy=stop`,
    ),
    statement(
      'rsc_defaults',
      'Set resource defaults',
      `
Meta attributes of all resources that do not set them.

    rsc_defaults resource-stickiness=100`,
    ),
    statement(
      'op_defaults',
      'Set resource operations defaults',
      `
Attributes of all operations that do not set them.

    op_defaults timeout=60s`,
    ),
    statement(
      'fencing_topology',
      'Node fencing order',
      `
Which devices fence which node. Devices joined by a comma are used together; the next word is the next level.

    fencing_topology n1: ipmi1 psu1,psu2 n2: ipmi2 psu1,psu2`,
    ),
    statement(
      'monitor',
      'Add monitor operation to a primitive',
      `
RSC[:ROLE] INTERVAL[:TIMEOUT]: a recurring monitor.

    monitor web 60m:60s`,
    ),
    statement(
      'tag',
      'Define resource tags',
      `
A name for several objects, usable wherever a resource is.

    tag front: vip web`,
    ),
    statement(
      'alert',
      'Event-driven alerts',
      `
A program that is told about nodes, fencing, resources, attributes.

    alert mail /usr/local/bin/alert select nodes fencing to ops@example.com`,
    ),
    statement(
      'role',
      'Define role access rights',
      `
What someone with the role may see and change.

    role ops read xpath:/cib write meta:web:target-role`,
      { skill: 'expert' },
    ),
    statement(
      'acl_target',
      'Define target access rights',
      `
Which roles a user has.

    acl_target ann ops`,
      { skill: 'expert' },
    ),
    statement(
      'user',
      'Define user access rights',
      `
Rights of a user, in schemas before pacemaker-2.0.

    user ann role:ops`,
      {
        skill: 'expert',
      },
    ),
    statement(
      'xml',
      'Raw xml',
      `
An element as XML; quote it, as quotes are taken off what is typed.

    xml '<tag id="front"><obj_ref id="vip"/></tag>'`,
    ),
  ],
});
