import { command, level } from '../command.js';
import { expectedVotes, showQuorum, unblock, updateQuorum } from '../quorum.js';
import { addDevice, removeDevice, removeHeuristics, updateDevice } from '../quorum-device.js';
import { quorumStatus } from '../quorum-status.js';

const CONF = '--corosync_conf --skip-offline --force --request-timeout';

export const quorum = level(
  {
    config: command('--corosync_conf', showQuorum),
    'expected-votes': command('', expectedVotes),
    status: command('', quorumStatus),
    device: level({
      add: command(CONF, addDevice),
      update: command(CONF, updateDevice),
      remove: command(CONF, removeDevice),
      delete: command(CONF, removeDevice),
      status: command('--full', quorumStatus),
      heuristics: level({
        remove: command(CONF, removeHeuristics),
        delete: command(CONF, removeHeuristics),
      }),
    }),
    unblock: command('--force --yes', unblock),
    update: command(CONF, updateQuorum),
  },
  'config',
);
