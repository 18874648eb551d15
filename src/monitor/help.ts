import { describeOptions } from './options.js';

const USAGE = `Usage:
  crm_mon [OPTION…]

Provides a summary of cluster's current state.

Outputs varying levels of detail in a number of different formats.

`;

const TOPICS = `Help Options:
  -?, --help                        Show help options
  --help-all                        Show all help options
  --help-output                     Show output help
  --help-display                    Show display options
  --help-additional                 Show additional options
  --help-deprecated                 Show deprecated options

`;

const NOTES = `Notes:

If this program is called as crm_mon.cgi, --output-as=html --html-cgi will
automatically be added to the command line arguments.

Where to Look:

Without -H and CIB_file, the cluster of this host is shown. With CIB_file=FILE in the
environment, that file is. On a terminal and without -1, the full screen opens: q quits it,
? explains its keys.

Time Specification:

The TIMESPEC in any command line option can be specified in many different
formats.  It can be just an integer number of seconds, or a number plus units
(ms/msec/us/usec/s/sec/m/min/h/hr).

Output Control:

By default, a certain list of sections are written to the output destination.
The default varies based on the output format - XML, JSON and Prometheus include everything,
while other output formats will display less.  This list can be modified with the
--include and --exclude command line options.  Each option may be given multiple
times on the command line, and each can give a comma-separated list of sections.
The options are applied to the default set, from left to right as seen on the
command line.  For a list of valid sections, pass --include=list or --exclude=list.

Examples:

Watch the cluster on the whole terminal:

	crm_mon

Watch the cluster of another host over SSH, falling back to a second one:

	crm_mon -H root@node1 -H root@node2

Display the cluster status on the console just once then exit:

	crm_mon -1

Display your cluster status, group resources by node, and include inactive resources in the list:

	crm_mon -1 --group-by-node --inactive

Start crm_mon as a background daemon and have it write the cluster status to an HTML file:

	crm_mon --daemonize --output-as html --output-to /path/to/docroot/filename.html

Export the current cluster status as XML, JSON or Prometheus metrics to stdout, then exit:

	crm_mon --output-as xml
	crm_mon --output-as json
	crm_mon --output-as prometheus

`;

const TITLES = {
  output: 'Output Options:',
  display: 'Display Options:',
  additional: 'Additional Options:',
  deprecated: 'Deprecated Options:',
} as const;

/** What `--help`, `--help-all` or `--help-GROUP` prints. */
export function helpText(option: string): string {
  const group = (name: keyof typeof TITLES) => `${TITLES[name]}\n${describeOptions(name)}\n`;
  const application = `Application Options:\n${describeOptions('main')}\n`;
  switch (option) {
    case 'help-all':
      return `${USAGE}${TOPICS}${group('output')}${group('display')}${group('additional')}${group('deprecated')}${application}${NOTES}`;
    case 'help-output':
      return `${USAGE}${group('output')}${NOTES}`;
    case 'help-display':
      return `${USAGE}${group('display')}${NOTES}`;
    case 'help-additional':
      return `${USAGE}${group('additional')}${NOTES}`;
    case 'help-deprecated':
      return `${USAGE}${group('deprecated')}${NOTES}`;
    default:
      return `${USAGE}${TOPICS}${application}${NOTES}`;
  }
}
