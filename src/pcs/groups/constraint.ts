import { command, insteadUse, level } from '../command.js';
import {
  addSets,
  addTicket,
  colocate,
  list,
  listAll,
  order,
  references,
  remove,
  removeColocation,
  removeOrder,
  removeTicket,
} from '../constraints.js';
import * as location from '../location.js';

const LIST = '-f --full';

export const constraint = level(
  {
    location: level(
      {
        add: command('-f --force', location.add),
        remove: command('-f', location.remove),
        delete: command('-f', location.remove),
        // The words of pcs 0.9.
        rm: command('-f', location.remove),
        config: command('-f --full --all', location.config),
        show: command('-f --full --all', location.show),
      },
      'config',
      command('-f --force', location.locate),
    ),
    order: level(
      {
        set: command('-f --force', addSets('rsc_order')),
        remove: command('-f', removeOrder),
        delete: command('-f', removeOrder),
        config: command(LIST, list('rsc_order')),
        show: command(LIST, list('rsc_order'), insteadUse('pcs constraint order config')),
      },
      'config',
      command('-f --force', order),
    ),
    colocation: level(
      {
        add: command('-f --force', colocate),
        set: command('-f --force', addSets('rsc_colocation')),
        remove: command('-f', removeColocation),
        delete: command('-f', removeColocation),
        config: command(LIST, list('rsc_colocation')),
        show: command(LIST, list('rsc_colocation'), insteadUse('pcs constraint colocation config')),
      },
      'config',
    ),
    ticket: level(
      {
        add: command('-f --force', addTicket),
        set: command('-f --force', addSets('rsc_ticket')),
        remove: command('-f', removeTicket),
        delete: command('-f', removeTicket),
        config: command(LIST, list('rsc_ticket')),
        show: command(LIST, list('rsc_ticket'), insteadUse('pcs constraint ticket config')),
      },
      'config',
    ),
    rule: level({
      add: command('-f --force', location.addRuleTo),
      remove: command('-f', location.removeRule),
      delete: command('-f', location.removeRule),
    }),
    remove: command('-f', remove),
    delete: command('-f', remove),
    rm: command('-f', remove),
    config: command('-f --full --all', listAll),
    list: command('-f --full --all', listAll, insteadUse('pcs constraint config')),
    show: command('-f --full --all', listAll, insteadUse('pcs constraint config')),
    all: command('-f --full --all', (environment) => listAll(environment, ['all'])),
    ref: command('-f', references),
  },
  'config',
);
