import { id, type Wizard, type WizardParameter, type WizardStep } from './wizard.js';

const MOUNT_PARAMETERS: readonly WizardParameter[] = [
  id,
  { name: 'device', summary: 'Block device that all nodes see', required: true, example: '/dev/vg1/data' },
  { name: 'directory', summary: 'Mount point', required: true, example: '/srv/shared' },
  { name: 'options', summary: 'Mount options' },
];

/** A file system that every node mounts at the same time, on the lock manager of `gfs2-base`. */
function sharedMount(title: string, type: string): WizardStep {
  return {
    kind: 'resource',
    title,
    parameters: [
      ...MOUNT_PARAMETERS,
      {
        name: 'locking',
        summary: 'The clone that runs the lock manager',
        default: 'dlm-clone',
        type: 'resource',
      },
    ],
    statements: `
primitive {{id}} ocf:heartbeat:Filesystem
\tparams device="{{device}}" directory="{{directory}}" fstype=${type}{{#options}} options="{{options}}"{{/options}}
\top start timeout=60s interval=0
\top stop timeout=60s interval=0
\top monitor interval=20s timeout=40s
clone {{id}}-clone {{id}}
\tmeta interleave=true
colocation {{id}}-with-locking inf: {{id}}-clone {{locking}}
order {{id}}-after-locking Mandatory: {{locking}} {{id}}-clone`,
  };
}

/** Disks that several nodes use at once. */
export const SHARED_STORAGE_WIZARDS: readonly Wizard[] = [
  {
    name: 'gfs2-base',
    category: 'File system',
    title: 'Lock manager for cluster file systems',
    text: `
Runs the distributed lock manager (DLM) on every node; GFS2, OCFS2 and shared volume groups need it. It is wanted once
in a cluster, and it needs working fencing.`,
    steps: [
      {
        kind: 'resource',
        title: 'The lock manager',
        parameters: [{ ...id, default: 'dlm' }],
        statements: `
primitive {{id}} ocf:pacemaker:controld
\top start timeout=90s interval=0
\top stop timeout=100s interval=0
\top monitor interval=60s timeout=60s on-fail=fence
clone {{id}}-clone {{id}}
\tmeta interleave=true`,
      },
    ],
  },
  {
    name: 'gfs2',
    category: 'File system',
    title: 'GFS2 on all nodes',
    text: 'Mounts a GFS2 file system on every node. The lock manager must be there (wizard gfs2-base).',
    steps: [sharedMount('The GFS2 file system', 'gfs2')],
  },
  {
    name: 'ocfs2',
    category: 'File system',
    title: 'OCFS2 on all nodes',
    text: 'Mounts an OCFS2 file system on every node. The lock manager must be there (wizard gfs2-base).',
    steps: [sharedMount('The OCFS2 file system', 'ocfs2')],
  },
  {
    name: 'clvm',
    category: 'File system',
    title: 'Lock daemon for shared volume groups',
    text: `
Runs the lock manager and lvmlockd on every node, which shared volume groups need. It is wanted once in a cluster; each
volume group is then managed by the wizard clvm-vg.`,
    steps: [
      {
        kind: 'resource',
        title: 'The lock daemon',
        parameters: [
          { ...id, default: 'lvmlockd' },
          { name: 'dlm', summary: 'Name for the lock manager', default: 'dlm', type: 'resource' },
          { name: 'group', summary: 'Name for the group of both', default: 'g-clvm', type: 'resource' },
        ],
        statements: `
primitive {{dlm}} ocf:pacemaker:controld
\top start timeout=90s interval=0
\top stop timeout=100s interval=0
\top monitor interval=60s timeout=60s on-fail=fence
primitive {{id}} ocf:heartbeat:lvmlockd
\top start timeout=90s interval=0
\top stop timeout=90s interval=0
\top monitor interval=30s timeout=90s
group {{group}} {{dlm}} {{id}}
clone {{group}}-clone {{group}}
\tmeta interleave=true`,
      },
    ],
  },
  {
    name: 'clvm-vg',
    category: 'File system',
    title: 'Volume group that several nodes see',
    text: `
Activates a shared volume group (vgcreate --shared): on one node at a time, or with activation_mode=shared on all, where a
cluster file system shall be on it. lvmlockd must be there (wizard clvm).`,
    steps: [
      {
        kind: 'resource',
        title: 'The volume group',
        parameters: [
          id,
          {
            name: 'vgname',
            summary: 'Name of the volume group',
            required: true,
            unique: true,
            example: 'vg1',
          },
          { name: 'activation_mode', summary: 'exclusive or shared', default: 'exclusive' },
          {
            name: 'locking',
            summary: 'The clone that runs lvmlockd',
            default: 'g-clvm-clone',
            type: 'resource',
          },
        ],
        statements: `
primitive {{id}} ocf:heartbeat:LVM-activate
\tparams vgname="{{vgname}}" vg_access_mode=lvmlockd activation_mode="{{activation_mode}}"
\top start timeout=90s interval=0
\top stop timeout=90s interval=0
\top monitor interval=30s timeout=90s
colocation {{id}}-with-locking inf: {{id}} {{locking}}
order {{id}}-after-locking Mandatory: {{locking}} {{id}}`,
      },
    ],
  },
  {
    name: 'sbd-device',
    category: 'Script',
    title: 'Prepare a disk for SBD',
    text: `
Writes SBD's header to a shared disk: WHAT WAS ON THE DISK IS LOST. Then every node shows what it reads there. Fencing by
this disk is configured by the wizard sbd.`,
    steps: [
      {
        kind: 'run',
        title: 'Write the header',
        parameters: [
          { name: 'device', summary: 'Shared disk', required: true, example: '/dev/disk/by-id/sbd' },
          { name: 'node', summary: 'Node that writes', required: true },
        ],
        commands: `
cluster run "sbd -d {{device}} create" {{node}}
cluster run "sbd -d {{device}} dump"`,
      },
    ],
  },
];

/** What only looks. */
export const CHECK_WIZARDS: readonly Wizard[] = [
  {
    name: 'health',
    category: 'Script',
    title: 'Look for what will hurt',
    text: 'The checks of "cluster health".',
    steps: [{ kind: 'run', title: 'Check the cluster', parameters: [], commands: 'cluster health' }],
  },
  {
    name: 'check-uptime',
    category: 'Script',
    title: 'How long the nodes are up',
    text: 'Asks every node how long its system has been running, and for its load.',
    steps: [{ kind: 'run', title: 'Ask the nodes', parameters: [], commands: 'cluster run uptime' }],
  },
];
