import { type Command, command, level, many, oneOf, optional, sublevel, word } from '../command.js';
import { cibSublevel, cibstatusSublevel, historySublevel, raSublevel } from './shared-sublevels.js';

/** The words of `crm status` and the options of crm_mon that they stand for. */
const STATUS_WORDS =
  'bynode inactive ops timing failcounts verbose quiet html xml tickets noheaders detail brief full simple'.split(
    ' ',
  );

const run =
  (name: 'status' | 'verify'): Command['run'] =>
  async (env, args) => {
    const work = await import('../root-commands.js');
    return work[name](env, args);
  };

export const rootLevel = level('root', 'The shell for the cluster', {
  levels: [
    sublevel('configure', 'CIB configuration', async () => (await import('./configure.js')).configureLevel),
    sublevel('resource', 'Resource management', async () => (await import('./resource.js')).resourceLevel),
    sublevel('node', 'Node management', async () => (await import('./node.js')).nodeLevel),
    sublevel(
      'cluster',
      'Cluster setup and management',
      async () => (await import('./cluster.js')).clusterLevel,
    ),
    sublevel('corosync', 'Corosync management', async () => (await import('./corosync.js')).corosyncLevel),
    cibSublevel,
    cibstatusSublevel,
    raSublevel,
    historySublevel,
    sublevel('script', 'Cluster script management', async () => (await import('./script.js')).scriptLevel),
    sublevel('site', 'GEO clustering site support', async () => (await import('./site.js')).siteLevel),
    sublevel(
      'maintenance',
      'Commands that should only be executed while in maintenance mode',
      async () => (await import('./maintenance.js')).maintenanceLevel,
    ),
    sublevel('options', 'User preferences', async () => (await import('./options.js')).optionsLevel),
  ],
  commands: [
    command('status', 'Cluster status', {
      args: [optional(many(oneOf(...STATUS_WORDS)))],
      help: `
Nodes and resources as crm_mon -1 prints them. Words choose more or less: bynode, inactive, ops, timing, failcounts,
verbose, quiet, html, xml, tickets, noheaders, detail, brief, full. Options of crm_mon may be given as well.

    status
    status bynode inactive
    status full`,
      run: run('status'),
    }),
    command('verify', 'Verify cluster status', {
      args: [optional(oneOf('scores'))],
      help: 'Checks the configuration of the running cluster and shows its state, with scores where asked.',
      run: run('verify'),
    }),
    command('report', 'Create cluster status report', {
      args: [optional(many(word('OPTION|DESTINATION')))],
      help: `
Collects configuration, state, events, logs and system data of all nodes into one archive; passwords, tokens and the
like are removed. -f FROM and -t TO (default the last 12 hours), -n NODE, -p REGEX (more names to hide), -E FILE (more
logs), -Q without the slow parts, -S only this node, -d a folder and no archive, -Z overwrite.

    report -f "2026-11-20 12:00" -t "2026-11-20 13:00" /tmp/outage
    report -Q`,
      run: async (env, args) => (await import('../report/create.js')).createReport(env, args),
    }),
  ],
});
