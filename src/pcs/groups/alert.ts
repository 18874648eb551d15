import {
  addRecipient,
  createAlert,
  removeAlerts,
  removeRecipients,
  showAlerts,
  updateAlert,
  updateRecipient,
} from '../alerts.js';
import { command, insteadUse, level } from '../command.js';

export const alert = level(
  {
    create: command('-f', createAlert),
    update: command('-f', updateAlert),
    delete: command('-f', removeAlerts),
    remove: command('-f', removeAlerts),
    config: command('-f', showAlerts),
    show: command('-f', showAlerts, insteadUse('pcs alert config')),
    recipient: level({
      add: command('-f --force', addRecipient),
      update: command('-f --force', updateRecipient),
      delete: command('-f', removeRecipients),
      remove: command('-f', removeRecipients),
    }),
  },
  'config',
);
