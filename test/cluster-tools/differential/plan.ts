import { combine } from './combine.js';
import { attributeScripts } from './commands/attribute-scripts.js';
import { cibadmin } from './commands/cibadmin.js';
import { crmAttribute } from './commands/crm-attribute.js';
import { crmDiff } from './commands/crm-diff.js';
import { crmError } from './commands/crm-error.js';
import { crmResource } from './commands/crm-resource.js';
import { crmSimulate } from './commands/crm-simulate.js';
import { crmTicket } from './commands/crm-ticket.js';
import { crmadmin } from './commands/crmadmin.js';
import { withoutCluster } from './commands/without-cluster.js';

/**
 * Command lines for the comparison with the real tools, and on which CIBs (files of `cibs/`) they run: every option of
 * every tool, alone, in the combinations that have a meaning, and in some that have none. Words are split at blanks; a
 * word in single quotes may have blanks.
 */
export const PLAN: readonly { readonly cib: string; readonly commands: readonly string[] }[] = [
  {
    cib: 'running',
    commands: [
      ...crmResource,
      ...crmAttribute,
      ...cibadmin,
      ...crmTicket,
      ...attributeScripts,
      ...crmadmin,
      ...crmDiff,
      ...crmSimulate,
    ],
  },
  {
    cib: 'empty',
    commands: [
      ...combine(
        ['crm_resource'],
        [
          '-L',
          '-l',
          '-O',
          '-o',
          '-Y',
          '-C',
          '-R',
          '-r x -W',
          '-L --output-as=xml',
          '-l --output-as=xml',
          '-Y --output-as=xml',
          '-O --output-as=xml',
          '-U',
          '-r x -U',
          '-r x -p a -v b',
        ],
      ),
      ...combine(
        ['crm_attribute'],
        [
          '-n a -v b',
          '-n a -D',
          '-n a -G',
          '-G',
          '-n a -v b -N x',
          '-n a -v b -t rsc_defaults',
          '-n a -v b -t op_defaults',
          '-n a -v b -t tickets',
          '-n a -v b -s s',
          '-n a -v b -i i',
        ],
      ),
      ...crmTicket.filter((words) => !words.includes('-Q')),
      ...combine(
        ['cibadmin'],
        ['-Q', '-E', '-D -o resources', '-Q -o tags', '-Q -o acls', '-C -o tags -X <tag/>', '-u', '-B'],
      ),
      ...combine(['crmadmin'], ['-N', '-N -q', '-N --output-as=xml']),
    ],
  },
  {
    cib: '',
    commands: [
      ...crmError,
      ...withoutCluster,
      ...combine(
        ['crm_resource', 'crm_attribute', 'cibadmin', 'crm_ticket', 'crmadmin'],
        ['', '-L', '-Q', '-l', '-G -n x', '-N'],
      ),
    ],
  },
];
