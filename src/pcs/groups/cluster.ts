import { editCib, pushCib, showCib, upgradeCib, verify } from '../cluster-cib.js';
import {
  authkey,
  generateUuid,
  makeReport,
  reload,
  showConfig,
  showCorosync,
  sync,
  uidgid,
  updateConfig,
} from '../cluster-config.js';
import { addLink, addNode, clearNode, removeLinks, removeNodes, updateLink } from '../cluster-nodes.js';
import { destroy, enable, kill, start, stop } from '../cluster-services.js';
import { setup } from '../cluster-setup.js';
import { command, insteadUse, level } from '../command.js';
import { authCluster } from '../hosts.js';
import { nodeSwitch } from '../node-attributes.js';
import { unblock } from '../quorum.js';
import { addGuest, addRemote, removeGuest, removeRemote } from '../remote-nodes.js';
import { clusterStatus, hostsStatus } from '../status.js';

const HOSTS = '--all --request-timeout --skip-offline';
/** `cluster setup` of pcs 0.9 had options where later ones have words. */
const OLD_SETUP =
  '--name --local --transport --rrpmode --addr0 --addr1 --mcast0 --mcast1 --mcastport0 --mcastport1 --ttl0 --ttl1 --broadcast0 --broadcast1 --wait_for_all --auto_tie_breaker --last_man_standing --last_man_standing_window --ipv6 --token --token_coefficient --join --consensus --netmtu --miss_count_const --fail_recv_const --encryption';
const CONF = '--corosync_conf --request-timeout --skip-offline --force';
const LIVE_CONF = '--request-timeout --skip-offline --force';
const remove = command(LIVE_CONF, removeNodes);
const removeLink = command(LIVE_CONF, removeLinks);

export const cluster = level({
  setup: command(
    `--corosync_conf --enable --force --no-cluster-uuid --no-keys-sync --overwrite --request-timeout --skip-offline --start --wait -u -p ${OLD_SETUP}`,
    setup,
  ),
  config: level(
    {
      show: command('--corosync_conf --output-format', showConfig),
      update: command(CONF, updateConfig),
      uuid: level({ generate: command('--corosync_conf --force --request-timeout', generateUuid) }),
    },
    'show',
  ),
  authkey: level({ corosync: command('--force --request-timeout --skip-offline', authkey) }),
  sync: level({ corosync: command('--request-timeout --skip-offline', sync) }, 'corosync'),
  status: command('-f --request-timeout', clusterStatus),
  auth: command('--corosync_conf --request-timeout -u -p --force --local --name', authCluster),
  start: command(`${HOSTS} --wait --force`, start),
  stop: command(`${HOSTS} --wait --force --pacemaker --corosync`, stop),
  kill: command('', kill),
  enable: command(HOSTS, enable(true)),
  disable: command(HOSTS, enable(false)),
  destroy: command(`${HOSTS} --force --yes`, destroy),
  cib: command('-f --config', showCib),
  'cib-push': command('-f --config --wait', pushCib),
  'cib-upgrade': command('-f', upgradeCib),
  edit: command('-f --config', editCib),
  link: level({
    add: command(LIVE_CONF, addLink),
    remove: removeLink,
    delete: removeLink,
    update: command(LIVE_CONF, updateLink),
  }),
  node: level({
    add: command(
      '--enable --force --no-watchdog-validation --request-timeout --skip-offline --start --wait',
      addNode,
    ),
    remove,
    delete: remove,
    clear: command('--force -f', clearNode),
    'add-remote': command('-f --force --no-default-ops --request-timeout --skip-offline --wait', addRemote),
    'remove-remote': command('-f --force --request-timeout --skip-offline', removeRemote),
    'delete-remote': command('-f --force --request-timeout --skip-offline', removeRemote),
    'add-guest': command('-f --force --request-timeout --skip-offline --wait', addGuest),
    'remove-guest': command('-f --force --request-timeout --skip-offline --wait', removeGuest),
    'delete-guest': command('-f --force --request-timeout --skip-offline --wait', removeGuest),
  }),
  uidgid: command('', uidgid),
  corosync: command('--request-timeout', showCorosync),
  reload: command('', reload),
  verify: command('-f --full', verify),
  report: command('--force --from --to', makeReport),
  // Of pcs 0.9.
  standby: command('-f --wait --all', nodeSwitch('standby', true), insteadUse('pcs node standby')),
  unstandby: command('-f --wait --all', nodeSwitch('standby', false), insteadUse('pcs node unstandby')),
  quorum: level({ unblock: command('--force --yes', unblock) }),
  'pcsd-status': command('--request-timeout', hostsStatus, insteadUse('pcs pcsd status')),
});
