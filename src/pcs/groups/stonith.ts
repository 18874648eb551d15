import { command, level } from '../command.js';
import {
  confirm,
  deleteDevice,
  disableDevices,
  enableDevices,
  fence,
  history,
  metaOfDevice,
  updateDevice,
} from '../fencing.js';
import { addLevel, clearLevels, removeLevel, showLevels, verifyLevels } from '../fencing-levels.js';
import { describeAgent, listAgents } from '../resource-agents.js';
import { showConfig } from '../resource-config.js';
import { createStonith } from '../resource-create.js';
import { addOperation, removeOperation } from '../resource-operations.js';
import { cleanup, failCounts, refresh, resetFailCounts, resourceStatus } from '../resource-status.js';
import { defaultsLevel, showAsBefore } from './resource.js';

const CREATE = '-f --agent-validation --before --after --group --force --disabled --no-default-ops --wait';

export const stonith = level(
  {
    list: command('--nodesc', listAgents(true)),
    describe: command('--full', describeAgent(true)),
    config: command('-f --output-format', showConfig(true)),
    create: command(CREATE, createStonith),
    update: command('-f --wait --force --agent-validation', updateDevice),
    delete: command('-f --force', deleteDevice),
    remove: command('-f --force', deleteDevice),
    show: command('-f --full --hide-inactive', showAsBefore(true)),
    status: command('-f --hide-inactive', resourceStatus(true)),
    meta: command('-f --force --wait', metaOfDevice),
    op: level({
      defaults: defaultsLevel('op_defaults'),
      add: command('-f --force', addOperation),
      remove: command('-f', removeOperation),
      delete: command('-f', removeOperation),
    }),
    defaults: defaultsLevel('rsc_defaults'),
    level: level(
      {
        add: command('-f --force', addLevel),
        clear: command('-f', clearLevels),
        config: command('-f', showLevels),
        remove: command('-f', removeLevel),
        delete: command('-f', removeLevel),
        verify: command('-f', verifyLevels),
      },
      'config',
    ),
    failcount: level({ show: command('-f --full', failCounts), reset: command('', resetFailCounts) }, 'show'),
    fence: command('--off', fence),
    cleanup: command('--strict --node', cleanup),
    refresh: command('--force --strict --node', refresh),
    confirm: command('--force --yes', confirm),
    enable: command('-f --wait', enableDevices),
    disable: command('-f --brief --safe --simulate --no-strict --wait', disableDevices),
    history: level(
      {
        show: command('', history('show')),
        cleanup: command('', history('cleanup')),
        update: command('', history('update')),
      },
      'show',
    ),
  },
  'status',
);
