import { WrongUsage } from '../../../grammar/pcs/mistake.js';
import { createBundle, resetBundle, updateBundle } from '../bundles.js';
import { cloneResource, masterResource, uncloneResource } from '../clones.js';
import { command, insteadUse, level } from '../command.js';
import {
  createDefaults,
  type DefaultsKind,
  removeDefaultsSets,
  showDefaults,
  updateDefaults,
  updateDefaultsSet,
} from '../defaults.js';
import type { Environment } from '../environment.js';
import { addToGroup, listGroups, removeFromGroup } from '../groups-of-resources.js';
import { relations } from '../relations.js';
import { clearRelocation, relocate, showRelocation } from '../relocate.js';
import { agents, describeAgent, listAgents, providers, standards } from '../resource-agents.js';
import {
  disable,
  enable,
  manage,
  safeDisable,
  setMeta,
  unmanage,
  updateResource,
  utilization,
} from '../resource-change.js';
import { showConfig } from '../resource-config.js';
import { createResource } from '../resource-create.js';
import { ban, clear, move, moveWithConstraint } from '../resource-move.js';
import { addOperation, removeOperation } from '../resource-operations.js';
import { deleteResource } from '../resource-remove.js';
import {
  cleanup,
  debug,
  failCounts,
  refresh,
  resetFailCounts,
  resourceStatus,
  restart,
} from '../resource-status.js';

/** `defaults`, with `defaults NAME=VALUE...` as pcs 0.9 to 0.11 had it. */
export function defaultsLevel(kind: DefaultsKind) {
  const update = kind === 'op_defaults' ? 'pcs resource op defaults update' : 'pcs resource defaults update';
  return level(
    {
      config: command('-f --all --full --no-expire-check', showDefaults(kind)),
      set: level({
        create: command('-f --force', createDefaults(kind)),
        delete: command('-f', removeDefaultsSets(kind)),
        remove: command('-f', removeDefaultsSets(kind)),
        update: command('-f', updateDefaultsSet(kind)),
      }),
      update: command(null, updateDefaults(kind)),
    },
    'config',
    command(null, async (environment, words) => {
      if (!words[0]?.includes('=')) throw new WrongUsage();
      environment.deprecated(insteadUse(update));
      await updateDefaults(kind)(environment, words);
    }),
  );
}

/** `resource show` and `stonith show`: the words of pcs 0.9 still say something. */
export const showAsBefore =
  (stonith: boolean) =>
  async (environment: Environment, words: string[]): Promise<void> => {
    const group = stonith ? 'stonith' : 'resource';
    if (environment.has('--full') || words.length > 0) {
      environment.deprecated(insteadUse(`pcs ${group} config`));
      return showConfig(stonith)(environment, words);
    }
    environment.deprecated(insteadUse(`pcs ${group} status`));
    return resourceStatus(stonith)(environment, []);
  };

async function show(environment: Environment, words: string[]): Promise<void> {
  return environment.has('--groups') ? listGroups(environment, []) : showAsBefore(false)(environment, words);
}

const WAIT = '-f --wait';
const CREATE =
  '-f --agent-validation --before --after --group --force --disabled --no-default-ops --wait --clone --master';
const DISABLE = '-f --brief --safe --simulate --no-strict --wait';
const MOVE = '-f --promoted --master --wait';

export const resource = level(
  {
    list: command('--nodesc', listAgents(false)),
    describe: command('--full', describeAgent(false)),
    create: command(CREATE, createResource),
    standards: command('', standards),
    providers: command('', providers),
    agents: command('', agents),
    update: command('-f --wait --force --agent-validation', updateResource),
    meta: command('-f --force --wait', setMeta),
    delete: command('-f --force', deleteResource),
    remove: command('-f --force', deleteResource),
    show: command('-f --full --groups --hide-inactive', show),
    status: command('-f --hide-inactive', resourceStatus(false)),
    config: command('-f --output-format', showConfig(false)),
    group: level({
      add: command('-f --wait --after --before', addToGroup),
      list: command('-f', listGroups),
      remove: command(WAIT, removeFromGroup),
      delete: command(WAIT, removeFromGroup),
    }),
    ungroup: command(WAIT, removeFromGroup),
    clone: command('-f --force --wait', cloneResource(false)),
    promotable: command('-f --force --wait', cloneResource(true)),
    master: command('-f --force --wait', masterResource, insteadUse('pcs resource promotable')),
    unclone: command(WAIT, uncloneResource),
    enable: command(WAIT, enable),
    disable: command(DISABLE, disable),
    'safe-disable': command('--brief --force --no-strict --simulate --wait', safeDisable),
    restart: command('--wait', restart),
    'debug-start': command('--force --full', debug('debug-start')),
    'debug-stop': command('--force --full', debug('debug-stop')),
    'debug-promote': command('--force --full', debug('debug-promote')),
    'debug-demote': command('--force --full', debug('debug-demote')),
    'debug-monitor': command('--force --full', debug('debug-monitor')),
    manage: command('-f --monitor', manage),
    unmanage: command('-f --monitor', unmanage),
    failcount: level(
      {
        show: command('-f --full', failCounts),
        reset: command('', resetFailCounts),
      },
      'show',
    ),
    op: level({
      defaults: defaultsLevel('op_defaults'),
      add: command('-f --force', addOperation),
      remove: command('-f', removeOperation),
      delete: command('-f', removeOperation),
    }),
    defaults: defaultsLevel('rsc_defaults'),
    cleanup: command('--strict --node', cleanup),
    refresh: command('--force --strict --node', refresh),
    relocate: level({
      show: command('', showRelocation),
      'dry-run': command('-f', relocate(true)),
      run: command('', relocate(false)),
      clear: command('-f', clearRelocation),
    }),
    utilization: command('-f', utilization),
    bundle: level({
      create: command('-f --force --disabled --wait', createBundle),
      reset: command('-f --force --disabled --wait', resetBundle),
      update: command('-f --force --wait', updateBundle),
    }),
    move: command('--autodelete --promoted --master --strict --wait', move),
    'move-with-constraint': command(MOVE, moveWithConstraint),
    ban: command(MOVE, ban),
    clear: command('-f --expired --promoted --master --wait', clear),
    relations: command('-f --full', relations),
  },
  'status',
);
