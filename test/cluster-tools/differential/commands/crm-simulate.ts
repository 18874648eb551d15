import { combine } from '../combine.js';

const EVENTS: readonly string[] = [
  '',
  '-S',
  '-R -A -c',
  '-S -A -c',
  '-sU',
  '-s -Q -S',
  '-U -S',
  '-S -u gamma',
  '-S -d alpha',
  '-S -f beta',
  '-S -u delta -d alpha -f beta',
  '-S -i plain_monitor_10000@alpha=1',
  '-S -i db:0_monitor_10000@alpha=7 -s',
  '-S -i shaped_monitor_20000@beta=9 -F shaped_stop_0@beta=1',
  '-S -F plain_start_0@alpha=1 -i plain_monitor_0@alpha=7',
  '-S -i nonsense',
  '-S -i nosuch_monitor_0@alpha=1',
  '-S -q false',
  '-S -q 0 -d alpha',
  '-S -w 1 -g t1 -r t2 -b t3 -e t4',
  '-S -g geo -u alpha',
  '-Q -S',
];

/** `crm_simulate` on the configuration that CIB_file names. */
export const crmSimulate: readonly string[] = [
  ...combine(['crm_simulate -L'], EVENTS, ['', '--output-as=xml']),
  'crm_simulate --output-as=html -L',
  'crm_simulate --nosuch',
  'crm_simulate -x',
];
