import { command, level } from '../command.js';
import { attribute, nodeSwitch, utilization } from '../node-attributes.js';

const SWITCH = '-f --wait --all';

export const node = level({
  attribute: command('-f --force --name', attribute),
  utilization: command('-f --name', utilization),
  standby: command(SWITCH, nodeSwitch('standby', true)),
  unstandby: command(SWITCH, nodeSwitch('standby', false)),
  maintenance: command(SWITCH, nodeSwitch('maintenance', true)),
  unmaintenance: command(SWITCH, nodeSwitch('maintenance', false)),
});
