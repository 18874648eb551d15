import { command, level } from '../command.js';
import {
  backup,
  checkpoints,
  diffCheckpoints,
  restore,
  restoreCheckpoint,
  showAll,
  viewCheckpoint,
} from '../config.js';

export const config = level(
  {
    show: command('-f --corosync_conf', showAll),
    backup: command('--force', backup),
    restore: command('--local --request-timeout --skip-offline', restore),
    checkpoint: level(
      {
        list: command('', checkpoints),
        view: command('', viewCheckpoint),
        restore: command('-f', restoreCheckpoint),
        diff: command('-f', diffCheckpoints),
      },
      'list',
    ),
  },
  'show',
);
