import { SAP_WIZARDS } from './sap-wizards.js';
import { CHECK_WIZARDS, SHARED_STORAGE_WIZARDS } from './shared-storage-wizards.js';
import { STORAGE_WIZARDS } from './storage-wizards.js';
import { id, type Wizard, type WizardStep } from './wizard.js';
import { NFS_SERVER } from './wizard-parts.js';

export type { Wizard, WizardParameter, WizardStep } from './wizard.js';

/** Members of a web server's group, in the order in which they start. */
const WEB_GROUP = `
group g-{{id}}
{{#filesystem:id}}\t{{filesystem:id}}{{/filesystem:id}}
{{#database:id}}\t{{database:id}}{{/database:id}}
\t{{virtual-ip:id}}
\t{{id}}`;

const WEB_PARTS: readonly WizardStep[] = [
  { kind: 'include', wizard: 'virtual-ip', optional: false, defaults: { id: '{{id}}-vip' } },
  { kind: 'include', wizard: 'filesystem', optional: true, defaults: { id: '{{id}}-fs' } },
  { kind: 'include', wizard: 'database', optional: true, defaults: { id: '{{id}}-db' } },
];

/** Services and fencing. */
const SERVICES: readonly Wizard[] = [
  {
    name: 'apache',
    category: 'Server',
    title: 'Apache Webserver',
    text: `
A group of an address and an Apache web server, which move together. A file system may be mounted and a database
started before the web server.`,
    steps: [
      {
        kind: 'resource',
        title: 'The web server',
        parameters: [
          id,
          { name: 'configfile', summary: 'Apache configuration file', example: '/etc/apache2/apache2.conf' },
          {
            name: 'statusurl',
            summary: 'URL that the monitor asks',
            example: 'http://localhost/server-status',
          },
        ],
        statements: `
primitive {{id}} ocf:heartbeat:apache
{{#configfile}}\tparams configfile="{{configfile}}"{{#statusurl}} statusurl="{{statusurl}}"{{/statusurl}}{{/configfile}}
\top start timeout=40s interval=0
\top stop timeout=60s interval=0
\top monitor interval=10s timeout=20s`,
      },
      ...WEB_PARTS,
    ],
    finish: WEB_GROUP,
  },
  {
    name: 'database',
    category: 'Database',
    title: 'MySQL/MariaDB Database',
    text: 'A MySQL or MariaDB server.',
    steps: [
      {
        kind: 'resource',
        title: 'The database server',
        parameters: [
          id,
          { name: 'config', summary: 'Configuration file', example: '/etc/mysql/my.cnf' },
          { name: 'datadir', summary: 'Directory of the data', example: '/var/lib/mysql' },
          { name: 'test_table', summary: 'Table that the monitor reads' },
        ],
        statements: `
primitive {{id}} ocf:heartbeat:mysql
{{#config}}\tparams config="{{config}}"{{/config}}
{{#datadir}}\tparams datadir="{{datadir}}"{{/datadir}}
{{#test_table}}\tparams test_table="{{test_table}}"{{/test_table}}
\top start timeout=120s interval=0
\top stop timeout=120s interval=0
\top monitor interval=20s timeout=30s`,
      },
    ],
  },
  {
    name: 'drbd',
    category: 'File system',
    title: 'DRBD Block Device',
    text: `
A replicated block device. Its configuration must be on all nodes and its metadata made before; the cluster promotes it
where it is needed.`,
    steps: [
      {
        kind: 'resource',
        title: 'The replicated device',
        parameters: [
          id,
          {
            name: 'drbd_resource',
            summary: 'Name of the DRBD resource',
            required: true,
            unique: true,
            example: 'r0',
          },
        ],
        statements: `
primitive {{id}} ocf:linbit:drbd
\tparams drbd_resource="{{drbd_resource}}"
\top start timeout=240s interval=0
\top stop timeout=100s interval=0
\top monitor interval=10s role=Promoted timeout=20s
\top monitor interval=20s role=Unpromoted timeout=20s
clone {{id}}-clone {{id}}
\tmeta promotable=true promoted-max=1 clone-max=2 notify=true`,
      },
    ],
  },
  {
    name: 'exportfs',
    category: 'NFS',
    title: 'NFS Exported File System',
    text: 'Exports a directory by NFS. The NFS server itself must run (see the wizard nfsserver).',
    steps: [
      {
        kind: 'resource',
        title: 'The export',
        parameters: [
          id,
          {
            name: 'fsid',
            summary: 'Number of the export, unique in the cluster',
            required: true,
            unique: true,
            type: 'integer',
          },
          { name: 'directory', summary: 'Directory to export', required: true, example: '/srv/nfs' },
          { name: 'clientspec', summary: 'Clients that may mount it', default: '*', example: '10.0.0.0/24' },
          { name: 'options', summary: 'Export options', default: 'rw', example: 'rw,no_root_squash' },
        ],
        statements: `
primitive {{id}} ocf:heartbeat:exportfs
\tparams fsid="{{fsid}}" directory="{{directory}}" clientspec="{{clientspec}}" options="{{options}}"
\top start timeout=40s interval=0
\top stop timeout=120s interval=0
\top monitor interval=30s timeout=20s`,
      },
    ],
  },
  {
    name: 'filesystem',
    category: 'File system',
    title: 'File System (mount point)',
    text: 'Mounts a file system on one node at a time.',
    steps: [
      {
        kind: 'resource',
        title: 'The mount',
        parameters: [
          id,
          { name: 'device', summary: 'Block device', required: true, example: '/dev/drbd0' },
          { name: 'directory', summary: 'Mount point', required: true, example: '/srv/data' },
          { name: 'fstype', summary: 'Type of the file system', required: true, example: 'ext4' },
          { name: 'options', summary: 'Mount options' },
        ],
        statements: `
primitive {{id}} ocf:heartbeat:Filesystem
\tparams device="{{device}}" directory="{{directory}}" fstype="{{fstype}}"{{#options}} options="{{options}}"{{/options}}
\top start timeout=60s interval=0
\top stop timeout=60s interval=0
\top monitor interval=20s timeout=40s`,
      },
    ],
  },
  {
    name: 'haproxy',
    category: 'Server',
    title: 'HAProxy',
    text: 'A group of an address and the HAProxy load balancer.',
    steps: [
      {
        kind: 'resource',
        title: 'The load balancer',
        parameters: [id],
        statements: `
primitive {{id}} systemd:haproxy
\top start timeout=100s interval=0
\top stop timeout=100s interval=0
\top monitor interval=10s timeout=60s`,
      },
      { kind: 'include', wizard: 'virtual-ip', optional: false, defaults: { id: '{{id}}-vip' } },
    ],
    finish: 'group g-{{id}} {{virtual-ip:id}} {{id}}',
  },
  {
    name: 'libvirt',
    category: 'Stonith',
    title: 'STONITH for libvirt (kvm / Xen)',
    text: 'Fences nodes that are virtual machines, through the libvirt of their host.',
    steps: [
      {
        kind: 'resource',
        title: 'The fence device',
        parameters: [
          id,
          {
            name: 'hypervisor',
            summary: 'Host of the virtual machines',
            required: true,
            example: 'kvm1.example.com',
          },
          { name: 'login', summary: 'User on that host', default: 'root' },
          { name: 'identity_file', summary: 'SSH key for that user', example: '/root/.ssh/id_ed25519' },
          { name: 'hostlist', summary: 'NODE:DOMAIN pairs', required: true, example: 'n1:vm-n1;n2:vm-n2' },
        ],
        statements: `
primitive {{id}} stonith:fence_virsh
\tparams ip="{{hypervisor}}" username="{{login}}" pcmk_host_map="{{hostlist}}"{{#identity_file}} identity_file="{{identity_file}}"{{/identity_file}}
\top monitor interval=60m timeout=120s
property stonith-enabled=true`,
      },
    ],
  },
  {
    name: 'mailto',
    category: 'Basic',
    title: 'E-Mail',
    text: 'Sends a message whenever the resource moves; put it in a group with what is to be watched.',
    steps: [
      {
        kind: 'resource',
        title: 'The messenger',
        parameters: [
          id,
          { name: 'email', summary: 'Address to send to', required: true, example: 'ops@example.com' },
          { name: 'subject', summary: 'Subject of the message' },
        ],
        statements: `
primitive {{id}} ocf:heartbeat:MailTo
\tparams email="{{email}}"{{#subject}} subject="{{subject}}"{{/subject}}
\top start timeout=10s interval=0
\top stop timeout=10s interval=0
\top monitor interval=10s timeout=10s`,
      },
    ],
  },
  {
    name: 'nfsserver',
    category: 'NFS',
    title: 'NFS Server',
    text: 'A group of an address, a mounted file system, an NFS server and one export.',
    steps: [
      NFS_SERVER,
      { kind: 'include', wizard: 'virtual-ip', optional: false, defaults: { id: '{{id}}-vip' } },
      { kind: 'include', wizard: 'filesystem', optional: true, defaults: { id: '{{id}}-fs' } },
      { kind: 'include', wizard: 'exportfs', optional: true, defaults: { id: '{{id}}-export' } },
    ],
    finish: `
group g-{{id}}
{{#filesystem:id}}\t{{filesystem:id}}{{/filesystem:id}}
\t{{id}}
{{#exportfs:id}}\t{{exportfs:id}}{{/exportfs:id}}
\t{{virtual-ip:id}}`,
  },
  {
    name: 'nginx',
    category: 'Server',
    title: 'Nginx Webserver',
    text: `
A group of an address and an Nginx web server, which move together. A file system may be mounted and a database started
before the web server.`,
    steps: [
      {
        kind: 'resource',
        title: 'The web server',
        parameters: [
          id,
          { name: 'configfile', summary: 'Nginx configuration file', example: '/etc/nginx/nginx.conf' },
        ],
        statements: `
primitive {{id}} ocf:heartbeat:nginx
{{#configfile}}\tparams configfile="{{configfile}}"{{/configfile}}
\top start timeout=60s interval=0
\top stop timeout=60s interval=0
\top monitor interval=10s timeout=30s`,
      },
      ...WEB_PARTS,
    ],
    finish: WEB_GROUP,
  },
  {
    name: 'sbd',
    category: 'Stonith',
    title: 'SBD, Shared storage based fencing',
    text: 'Fences nodes through a shared disk. The sbd service must be set up on all nodes before.',
    steps: [
      {
        kind: 'resource',
        title: 'The fence device',
        parameters: [
          { ...id, default: 'stonith-sbd', required: false },
          { name: 'devices', summary: 'Shared disks, separated by commas', example: '/dev/disk/by-id/sbd' },
        ],
        statements: `
primitive {{id}} stonith:fence_sbd
{{#devices}}\tparams devices="{{devices}}"{{/devices}}
\top monitor interval=60m timeout=60s
property stonith-enabled=true`,
      },
    ],
  },
  {
    name: 'virtual-ip',
    category: 'Basic',
    title: 'Virtual IP',
    text: 'An address that is on one node at a time and moves with it.',
    steps: [
      {
        kind: 'resource',
        title: 'The address',
        parameters: [
          id,
          {
            name: 'ip',
            summary: 'IPv4 or IPv6 address',
            required: true,
            unique: true,
            type: 'ip_address',
            example: '10.0.0.9',
          },
          { name: 'cidr_netmask', summary: 'Length of the network prefix', type: 'integer', example: '24' },
          { name: 'nic', summary: 'Network interface', example: 'eth0' },
          { name: 'broadcast', summary: 'Broadcast address', type: 'ip_address', example: '10.0.0.255' },
        ],
        statements: `
primitive {{id}} ocf:heartbeat:IPaddr2
\tparams ip="{{ip}}"{{#cidr_netmask}} cidr_netmask="{{cidr_netmask}}"{{/cidr_netmask}}{{#nic}} nic="{{nic}}"{{/nic}}{{#broadcast}} broadcast="{{broadcast}}"{{/broadcast}}
\top start timeout=20s interval=0
\top stop timeout=20s interval=0
\top monitor interval=10s timeout=20s`,
      },
    ],
  },
  {
    name: 'vmware',
    category: 'Stonith',
    title: 'Fencing using vCenter / ESX Server',
    text: 'Fences nodes that are virtual machines of VMware.',
    steps: [
      {
        kind: 'resource',
        title: 'The fence device',
        parameters: [
          id,
          { name: 'host', summary: 'vCenter or ESX server', required: true },
          { name: 'login', summary: 'User there', required: true },
          { name: 'passwd', summary: 'Password; better kept with "resource secret"' },
          { name: 'hostlist', summary: 'NODE:MACHINE pairs', required: true, example: 'n1:vm-n1;n2:vm-n2' },
        ],
        statements: `
primitive {{id}} stonith:fence_vmware_rest
\tparams ip="{{host}}" username="{{login}}" ssl_insecure=0 pcmk_host_map="{{hostlist}}"{{#passwd}} password="{{passwd}}"{{/passwd}}
\top monitor interval=60m timeout=120s
property stonith-enabled=true`,
      },
    ],
  },
];

/** The wizards that come with the shell. */
export const WIZARDS: readonly Wizard[] = [
  ...SERVICES,
  ...STORAGE_WIZARDS,
  ...SHARED_STORAGE_WIZARDS,
  ...SAP_WIZARDS,
  ...CHECK_WIZARDS,
];
