import { id, type Wizard, type WizardStep } from './wizard.js';
import { ADDRESS, DB2_INSTANCE, MOUNT } from './wizard-parts.js';

const INSTANCE = {
  kind: 'include',
  wizard: 'sapinstance',
  optional: false,
  defaults: { id: '{{id}}-instance' },
} as const;

const DATABASE = {
  kind: 'include',
  wizard: 'sapdb',
  optional: false,
  defaults: { id: '{{id}}-database' },
} as const;

const WHOLE: WizardStep = { kind: 'resource', title: 'The whole', parameters: [id], statements: '' };

/** An instance with its address, on its file system where one is given. */
function instanceWizard(name: string, title: string, text: string): Wizard {
  return {
    name,
    category: 'SAP',
    title,
    text,
    steps: [WHOLE, INSTANCE, ADDRESS, MOUNT],
    finish: `
group g-{{id}}
{{#filesystem:id}}\t{{filesystem:id}}{{/filesystem:id}}
\t{{virtual-ip:id}}
\t{{sapinstance:id}}`,
  };
}

/** A part of the stack under a name of its own. */
function part(wizard: string, as: string, optional = false): WizardStep {
  return { kind: 'include', wizard, as, optional, defaults: { id: `{{id}}-${as}` } };
}

function stackWizard(name: string, title: string, text: string, mounts: readonly string[]): Wizard {
  const members = (names: readonly string[]) =>
    names.map((each) => `{{#${each}:id}}\t{{${each}:id}}{{/${each}:id}}`).join('\n');
  const inOrder = ['raid1', 'lvm', ...mounts, 'ip-db', 'sapdb', 'ip-as', 'ascs', 'ip-ci', 'ci'];
  return {
    name,
    category: 'SAP',
    title,
    text,
    steps: [
      WHOLE,
      { kind: 'include', wizard: 'raid1', optional: true, defaults: { id: '{{id}}-raid1' } },
      { kind: 'include', wizard: 'lvm', optional: true, defaults: { id: '{{id}}-lvm' } },
      ...mounts.map((mount) => part('filesystem', mount, true)),
      part('virtual-ip', 'ip-db'),
      DATABASE,
      part('virtual-ip', 'ip-as'),
      part('sapinstance', 'ascs'),
      part('virtual-ip', 'ip-ci'),
      part('sapinstance', 'ci'),
    ],
    finish: `\ngroup g-{{id}}\n${members(inOrder)}`,
  };
}

/** SAP systems. */
export const SAP_WIZARDS: readonly Wizard[] = [
  {
    name: 'sapinstance',
    category: 'SAP',
    title: 'SAP Instance',
    text: 'One SAP instance, alone. The wizards sap-as and sap-ci add its address and file system.',
    steps: [
      {
        kind: 'resource',
        title: 'The instance',
        parameters: [
          id,
          {
            name: 'InstanceName',
            summary: 'SID, instance and virtual host',
            required: true,
            unique: true,
            example: 'NA0_ASCS00_sapna0as',
          },
          {
            name: 'START_PROFILE',
            summary: 'Start profile',
            required: true,
            example: '/usr/sap/NA0/SYS/profile/START_ASCS00_sapna0as',
          },
          {
            name: 'AUTOMATIC_RECOVER',
            summary: 'Clean up after a failed start, and try again',
            default: 'true',
            type: 'boolean',
          },
        ],
        statements: `
primitive {{id}} ocf:heartbeat:SAPInstance
\tparams InstanceName="{{InstanceName}}" START_PROFILE="{{START_PROFILE}}" AUTOMATIC_RECOVER="{{AUTOMATIC_RECOVER}}"
\top start timeout=180s interval=0
\top stop timeout=240s interval=0
\top monitor interval=120s timeout=60s`,
      },
    ],
  },
  {
    name: 'sapdb',
    category: 'SAP',
    title: 'SAP Database',
    text: 'The database of a SAP system, alone. The wizard sap-db adds its address and file system.',
    steps: [
      {
        kind: 'resource',
        title: 'The database',
        parameters: [
          id,
          { name: 'SID', summary: 'Name of the database', required: true, unique: true, example: 'NA0' },
          { name: 'DBTYPE', summary: 'ORA, ADA, DB6, SYB or HDB', required: true, example: 'HDB' },
        ],
        statements: `
primitive {{id}} ocf:heartbeat:SAPDatabase
\tparams SID="{{SID}}" DBTYPE="{{DBTYPE}}"
\top start timeout=1800s interval=0
\top stop timeout=1800s interval=0
\top monitor interval=120s timeout=60s`,
      },
    ],
  },
  instanceWizard(
    'sap-as',
    'SAP ASCS Instance',
    'The central services of a SAP system: the instance, its address and, where given, its file system.',
  ),
  instanceWizard(
    'sap-ci',
    'SAP Central Instance',
    'The primary application server of a SAP system: the instance, its address and, where given, its file system.',
  ),
  {
    name: 'sap-db',
    category: 'SAP',
    title: 'SAP Database with its address',
    text: 'The database of a SAP system, its address and, where given, its file system.',
    steps: [WHOLE, DATABASE, ADDRESS, MOUNT],
    finish: `
group g-{{id}}
{{#filesystem:id}}\t{{filesystem:id}}{{/filesystem:id}}
\t{{virtual-ip:id}}
\t{{sapdb:id}}`,
  },
  stackWizard(
    'sap-simple-stack',
    'SAP system on one node at a time',
    `
Database, central services and primary application server of a SAP system in one group, each with its address. A mirror
(raid1), a volume group (lvm) and file systems for /sapmnt, the database and /usr/sap may be put under them.`,
    ['fs-sapmnt', 'fs-sapdb', 'fs-usrsap'],
  ),
  stackWizard(
    'sap-simple-stack-plus',
    'SAP system with a file system for each instance',
    `
As sap-simple-stack, but central services and application server have file systems of their own instead of one for
/usr/sap.`,
    ['fs-sapmnt', 'fs-sapdb', 'fs-ascs', 'fs-ci'],
  ),
  {
    name: 'db2-hadr',
    category: 'Database',
    title: 'IBM DB2 with HADR',
    text: `
A DB2 database that is replicated by HADR: one instance on each of two nodes, one of them primary, and an address that
follows the primary. HADR must be set up in DB2 before.`,
    steps: [
      {
        kind: 'resource',
        title: 'The DB2 instance',
        parameters: [
          id,
          DB2_INSTANCE,
          { name: 'dblist', summary: 'The database that is replicated', required: true, example: 'sales' },
        ],
        statements: `
primitive {{id}} ocf:heartbeat:db2
\tparams instance="{{instance}}" dblist="{{dblist}}"
\top start timeout=130s interval=0
\top stop timeout=120s interval=0
\top promote timeout=120s interval=0
\top demote timeout=120s interval=0
\top monitor interval=30s timeout=60s
\top monitor interval=45s timeout=60s role=Promoted
clone {{id}}-clone {{id}}
\tmeta promotable=true promoted-max=1 clone-max=2 notify=true`,
      },
      ADDRESS,
    ],
    finish: `
colocation {{id}}-address-with-primary inf: {{virtual-ip:id}}:Started {{id}}-clone:Promoted
order {{id}}-primary-before-address Mandatory: {{id}}-clone:promote {{virtual-ip:id}}:start`,
  },
];
