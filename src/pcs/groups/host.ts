import { command, level } from '../command.js';
import { auth, deauth } from '../hosts.js';
import { hostsStatus } from '../status.js';

export const host = level({
  auth: command('-u -p --request-timeout --token', auth),
  deauth: command('--request-timeout', deauth),
});

export const pcsd = level({
  status: command('--request-timeout', hostsStatus),
  deauth: command('', deauth),
  'clear-auth': command('--local --remote', deauth),
});
