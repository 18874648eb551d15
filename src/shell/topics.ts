/** What `help TOPIC` explains beyond levels and commands. */
export interface Topic {
  readonly name: string;
  readonly title: string;
  readonly text: string;
}

export function topicList(): string {
  const lines = TOPICS.map(({ name, title }) => `\t${name.padEnd(23)} ${title}`);
  return ['Available topics:', '', ...lines, ''].join('\n');
}

export const TOPICS: readonly Topic[] = [
  { name: 'Overview', title: 'Help overview for crm', text: '' },
  { name: 'Topics', title: 'Available topics', text: '' },
  {
    name: 'Description',
    title: 'Program description',
    text: `
crm is the command line of a high-availability cluster. It shows and changes the configuration (the CIB), starts, stops
and moves resources, puts nodes into standby or maintenance, sets up and changes clusters, and tells what happened.

It works on the node it runs on, on a remote cluster over SSH (-H HOST), on a cluster of Corosync and Pacemaker, and on
a configuration file (CIB_file=FILE).`,
  },
  {
    name: 'CommandLine',
    title: 'Command line options',
    text: `
    crm [OPTIONS] [LEVEL ...] [COMMAND [ARGUMENTS ...]]

    -H, --host [USER@]HOST[,HOST...]  work on this cluster over SSH
    -f, --file FILE                   run the lines of FILE (- is standard input)
    -c, --cib CIB                     start with this shadow CIB
    -D, --display TYPE                plain, color, color-always or uppercase
    -F, --force                       answer every question with yes, force commits
    -n, --no                          answer every question with no
    -w, --wait                        wait until the cluster has settled after changes
    -d, --debug                       say more about what is being done
    -R, --regression-tests            echo every line
        --scriptdir DIR[;DIR]         more folders with cluster scripts
    -o, --opt SECTION.NAME=VALUE      set an option for this run
    -h, --help, --version             print and leave

Exit status: 0 done, 1 refused or failed, 2 wrong usage.`,
  },
  {
    name: 'Introduction',
    title: 'Introduction',
    text: `
Three ways to use crm: alone it opens a prompt; with a command it runs that and ends; with -f FILE or lines on standard
input it runs those. The same words work everywhere.

    crm status
    crm configure primitive vip IPaddr2 params ip=10.0.0.9 op monitor interval=10s
    crm resource move vip n2
    echo 'node standby n1' | crm`,
  },
  {
    name: 'Interface',
    title: 'User interface',
    text: `
Commands stand in levels, like files in folders: "resource" enters the level of that name, "resource start web" runs one
command of it from where you are, "up" and "cd" move, "ls" lists, "help" explains.

In "configure" changes gather until "commit", or until you leave the level, which asks. Nothing of them reaches the
cluster before.

A line that ends in \\ goes on in the next. A line that begins with # is a comment.

Keys at the prompt are those of Emacs and the arrows. Ctrl-R searches earlier statements; the grey rest of a line is the
newest one that begins so, taken with the right arrow. Ctrl-_ undoes, Ctrl-O opens the line in $EDITOR, Ctrl-L clears
the screen, Ctrl-C drops the line or stops waiting, Ctrl-D leaves. What is pasted is text until Return runs it.`,
  },
  {
    name: 'Completion',
    title: 'Tab completion',
    text: `
Tab completes what is being typed: levels, commands, resources, nodes, classes of agents, agents, their parameters and
operations. Tab again opens the menu; the chosen entry's description stands below it.

    configure primitive vip ocf:heartbeat:IPa<Tab>
    configure primitive vip IPaddr2 params <Tab>`,
  },
  {
    name: 'Shorthand',
    title: 'Shorthand syntax',
    text: `
A command may be shortened as long as it is the only one that begins so: "crm conf sh" is "crm configure show", and a
line says how it was taken. Anything else is never guessed: at the prompt crm asks, in a script it is an error that
names what may have been meant.`,
  },
  {
    name: 'Features',
    title: 'Features',
    text: 'See the topics Shadows, Checks, Templates, Testing and Security.',
  },
  {
    name: 'Shadows',
    title: 'Shadow CIB usage',
    text: `
A shadow is a named draft of the configuration in a file: "cib new test" makes one from the running cluster and works on
it, "configure ptest" shows what the cluster would do with it, "cib commit test" puts it into force, "cib use live" goes
back to the cluster. The prompt shows which one is worked on: crm(test/n1)#.`,
  },
  {
    name: 'Checks',
    title: 'Configuration semantic checks',
    text: `
The configuration is checked while it is typed, at "verify" and before "commit": references to resources and nodes that
do not exist, parameters that the agent does not know or that it needs, timeouts below the agent's advice, values of
properties and meta attributes, contradictions between constraints.

The options core.check_frequency and core.check_mode say when and how strictly.`,
  },
  {
    name: 'Templates',
    title: 'Configuration templates',
    text: `
Two things have this name. A resource template (configure rsc_template) holds what several primitives share. The level
"configure template" makes statements from forms; "crm script" does the same with more steps, and is preferred.`,
  },
  {
    name: 'Testing',
    title: 'Resource testing',
    text: `
"configure rsctest RSC [NODE...]" starts, probes and stops resources on each node before they are put into service.
"configure ptest" shows what pending changes would cause.`,
  },
  {
    name: 'Security',
    title: 'Access Control Lists (ACL)',
    text: `
Roles hold permissions (read, write, deny) on parts of the CIB; users and groups get roles:

    configure role monitor read xpath:/cib
    configure acl_target joe monitor
    configure property enable-acl=true`,
  },
  {
    name: 'Resourcesets',
    title: 'Syntax: Resource sets',
    text: `
In location, colocation, order and rsc_ticket several resources may stand together:

    a b c        in this order
    ( a b )      at the same time, in any order
    [ a b ]      any of them is enough

    order o Mandatory: a ( b c ) d`,
  },
  {
    name: 'AttributeListReferences',
    title: 'Syntax: Attribute list references',
    text: `
A set of attributes may be used by several objects: $id=NAME names it where it stands, $id-ref=NAME refers to it.

    primitive a Dummy params $id=common fake=1
    primitive b Dummy params $id-ref=common`,
  },
  {
    name: 'AttributeReferences',
    title: 'Syntax: Attribute references',
    text: `
One attribute may be used in several places: $ID:NAME=VALUE gives it an id, @ID refers to it, @ID:NAME uses it under
another name.

    primitive a Dummy params $shared:state=/run/a
    primitive b Dummy params @shared:state`,
  },
  {
    name: 'RuleExpressions',
    title: 'Syntax: Rule expressions',
    text: `
    rule [$id=ID] [$role=ROLE] [SCORE:] EXPRESSION [and|or EXPRESSION ...]

    defined ATTRIBUTE                 not_defined ATTRIBUTE
    ATTRIBUTE [TYPE:]OP VALUE         OP: lt gt lte gte eq ne; TYPE: string integer number version
    date gt START     date lt END     date in start=S end=E
    date in start=S DURATION          date spec hours=9-17 weekdays=1-5`,
  },
  {
    name: 'Lifetime',
    title: 'Lifetime parameter format',
    text: `
How long a move or ban holds: an ISO 8601 duration (PT5M five minutes, P1D a day) or a point in time (2026-12-31).
Without it the constraint stays until "resource clear".`,
  },
  { name: 'Reference', title: 'Command reference', text: 'See "help overview" for all levels and commands.' },
];
