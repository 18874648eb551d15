import { id, type Wizard } from './wizard.js';
import { ADDRESS, DB2_INSTANCE, MOUNT, NFS_SERVER } from './wizard-parts.js';

const DRBD = { kind: 'include', wizard: 'drbd', optional: false, defaults: { id: '{{id}}-drbd' } } as const;
const VOLUMES = { kind: 'include', wizard: 'lvm', optional: false, defaults: { id: '{{id}}-lvm' } } as const;

/** What is on the replicated device runs where that is promoted, after it. */
const ON_DRBD = `
colocation {{id}}-with-drbd inf: g-{{id}} {{drbd:id}}-clone:Promoted
order {{id}}-after-drbd Mandatory: {{drbd:id}}-clone:promote g-{{id}}:start`;

/** Disks, volumes, and databases on them. */
export const STORAGE_WIZARDS: readonly Wizard[] = [
  {
    name: 'db2',
    category: 'Database',
    title: 'IBM DB2 Database',
    text: 'A DB2 instance with its address; its file systems may be mounted before it.',
    steps: [
      {
        kind: 'resource',
        title: 'The DB2 instance',
        parameters: [
          id,
          DB2_INSTANCE,
          { name: 'dblist', summary: 'Databases to manage; all unless some are named' },
        ],
        statements: `
primitive {{id}} ocf:heartbeat:db2
\tparams instance="{{instance}}"{{#dblist}} dblist="{{dblist}}"{{/dblist}}
\top start timeout=130s interval=0
\top stop timeout=120s interval=0
\top monitor interval=30s timeout=60s`,
      },
      MOUNT,
      ADDRESS,
    ],
    finish: `
group g-{{id}}
{{#filesystem:id}}\t{{filesystem:id}}{{/filesystem:id}}
\t{{virtual-ip:id}}
\t{{id}}`,
  },
  {
    name: 'lvm',
    category: 'File system',
    title: 'Controls the availability of an LVM Volume Group',
    text: `
Activates a volume group (or one volume of it) on one node at a time. Its volumes must not be activated at boot
(auto_activation_volume_list in lvm.conf).`,
    steps: [
      {
        kind: 'resource',
        title: 'The volume group',
        parameters: [
          id,
          { name: 'vgname', summary: 'Name of the volume group', required: true, example: 'vg0' },
          { name: 'lvname', summary: 'One volume only' },
          {
            name: 'vg_access_mode',
            summary: 'What keeps other nodes from it: system_id, tagging or lvmlockd',
            default: 'system_id',
          },
        ],
        statements: `
primitive {{id}} ocf:heartbeat:LVM-activate
\tparams vgname="{{vgname}}" vg_access_mode="{{vg_access_mode}}"{{#lvname}} lvname="{{lvname}}"{{/lvname}}
\top start timeout=90s interval=0
\top stop timeout=90s interval=0
\top monitor interval=30s timeout=90s`,
      },
    ],
  },
  {
    name: 'lvm-drbd',
    category: 'File system',
    title: 'LVM Group on DRBD',
    text: 'A replicated block device with a volume group on it, and if wanted a mounted file system.',
    steps: [{ kind: 'resource', title: 'The whole', parameters: [id], statements: '' }, DRBD, VOLUMES, MOUNT],
    finish: `
group g-{{id}} {{lvm:id}}{{#filesystem:id}} {{filesystem:id}}{{/filesystem:id}}
${ON_DRBD.trim()}`,
  },
  {
    name: 'nfsserver-lvm-drbd',
    category: 'NFS',
    title: 'NFS Server on LVM and DRBD',
    text: 'An NFS server whose data lie on a volume of a replicated block device, with its address and one export.',
    steps: [
      NFS_SERVER,
      DRBD,
      VOLUMES,
      { ...MOUNT, optional: false },
      { kind: 'include', wizard: 'exportfs', optional: false, defaults: { id: '{{id}}-export' } },
      ADDRESS,
    ],
    finish: `
group g-{{id}} {{lvm:id}} {{filesystem:id}} {{id}} {{exportfs:id}} {{virtual-ip:id}}
${ON_DRBD.trim()}`,
  },
  {
    name: 'oracle',
    category: 'Database',
    title: 'Oracle Database',
    text: 'An Oracle instance with its listener and its address; its file system may be mounted before it.',
    steps: [
      {
        kind: 'resource',
        title: 'The instance and its listener',
        parameters: [
          id,
          {
            name: 'sid',
            summary: 'System identifier (ORACLE_SID)',
            required: true,
            unique: true,
            example: 'ORCL',
          },
          { name: 'listener', summary: 'Name of the listener', default: 'LISTENER' },
          { name: 'home', summary: 'ORACLE_HOME, where /etc/oratab does not name it' },
        ],
        statements: `
primitive {{id}} ocf:heartbeat:oracle
\tparams sid="{{sid}}"{{#home}} home="{{home}}"{{/home}}
\top start timeout=120s interval=0
\top stop timeout=120s interval=0
\top monitor interval=120s timeout=30s
primitive {{id}}-listener ocf:heartbeat:oralsnr
\tparams sid="{{sid}}" listener="{{listener}}"{{#home}} home="{{home}}"{{/home}}
\top start timeout=120s interval=0
\top stop timeout=120s interval=0
\top monitor interval=10s timeout=30s`,
      },
      MOUNT,
      ADDRESS,
    ],
    finish: `
group g-{{id}}
{{#filesystem:id}}\t{{filesystem:id}}{{/filesystem:id}}
\t{{virtual-ip:id}}
\t{{id}}
\t{{id}}-listener`,
  },
  {
    name: 'raid-lvm',
    category: 'File system',
    title: 'RAID Hosting LVM',
    text: 'A software RAID on shared disks with a volume group on it, and if wanted a mounted file system.',
    steps: [
      { kind: 'resource', title: 'The whole', parameters: [id], statements: '' },
      { kind: 'include', wizard: 'raid1', optional: false, defaults: { id: '{{id}}-raid' } },
      VOLUMES,
      MOUNT,
    ],
    finish: 'group g-{{id}} {{raid1:id}} {{lvm:id}}{{#filesystem:id}} {{filesystem:id}}{{/filesystem:id}}',
  },
  {
    name: 'raid1',
    category: 'File system',
    title: 'Manages Linux software RAID (MD) devices on shared storage',
    text: 'Assembles a software RAID on one node at a time. It must not be assembled at boot.',
    steps: [
      {
        kind: 'resource',
        title: 'The RAID',
        parameters: [
          id,
          {
            name: 'raidconf',
            summary: 'Configuration file of the RAID',
            required: true,
            example: '/etc/mdadm.conf',
          },
          { name: 'raiddev', summary: 'The device', required: true, example: '/dev/md0' },
        ],
        statements: `
primitive {{id}} ocf:heartbeat:mdraid
\tparams mdadm_conf="{{raidconf}}" md_dev="{{raiddev}}"
\top start timeout=20s interval=0
\top stop timeout=20s interval=0
\top monitor interval=10s timeout=20s`,
      },
    ],
  },
];
