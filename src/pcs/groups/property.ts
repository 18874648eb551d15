import { command, insteadUse, level } from '../command.js';
import { set, show, unset } from '../property.js';

const OLD = insteadUse('pcs property config');

export const property = level(
  {
    set: command('-f --force --node', set),
    unset: command('-f --force --node', unset),
    config: command('-f --all --defaults', show),
    list: command('-f --all --defaults', show, OLD),
    show: command('-f --all --defaults', show, OLD),
  },
  'config',
);
