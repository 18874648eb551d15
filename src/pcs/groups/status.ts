import { command, level } from '../command.js';
import { listGroups } from '../groups-of-resources.js';
import { quorumStatus } from '../quorum-status.js';
import { resourceStatus } from '../resource-status.js';
import { clusterStatus, corosyncStatus, fullStatus, hostsStatus, nodesStatus, xmlStatus } from '../status.js';

const FULL = '-f --hide-inactive --full --corosync_conf --request-timeout';

export const status = level(
  {
    status: command(FULL, fullStatus),
    resources: command('-f --hide-inactive', resourceStatus(false)),
    // pcs 0.9 had it here.
    groups: command('-f', listGroups),
    cluster: command('-f --request-timeout', clusterStatus),
    nodes: command('-f --corosync_conf', nodesStatus),
    corosync: command('', corosyncStatus),
    quorum: command('', quorumStatus),
    xml: command('-f', xmlStatus),
    pcsd: command('--request-timeout', hostsStatus),
  },
  'status',
);
