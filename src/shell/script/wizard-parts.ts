import { id, type WizardParameter, type WizardStep } from './wizard.js';

/** What several wizards have. */

export const MOUNT = {
  kind: 'include',
  wizard: 'filesystem',
  optional: true,
  defaults: { id: '{{id}}-fs' },
} as const;
export const ADDRESS = {
  kind: 'include',
  wizard: 'virtual-ip',
  optional: false,
  defaults: { id: '{{id}}-vip' },
} as const;

export const NFS_SERVER: WizardStep = {
  kind: 'resource',
  title: 'The NFS server',
  parameters: [
    id,
    {
      name: 'nfs_shared_infodir',
      summary: 'Directory for the state of NFS',
      example: '/srv/nfs/state',
    },
  ],
  statements: `
primitive {{id}} ocf:heartbeat:nfsserver
{{#nfs_shared_infodir}}\tparams nfs_shared_infodir="{{nfs_shared_infodir}}"{{/nfs_shared_infodir}}
\top start timeout=40s interval=0
\top stop timeout=20s interval=0
\top monitor interval=10s timeout=20s`,
};

export const DB2_INSTANCE: WizardParameter = {
  name: 'instance',
  summary: 'Name of the instance',
  required: true,
  unique: true,
  example: 'db2inst1',
};
