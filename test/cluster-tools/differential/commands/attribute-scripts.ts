import { combine, prefixed } from '../combine.js';

const nodeArguments: readonly string[] = ['', '-N alpha', '-N beta', '-N gamma', '-N nosuch', '-N box-0'];

/** The commands that are `crm_attribute` for one purpose each. */
export const attributeScripts = [
  ...prefixed('crm_standby', [
    ...combine(['', '-G', '-v on', '-v off', '-v true', '-v nonsense', '-D'], nodeArguments, [
      '',
      '-l forever',
      '-l reboot',
      '-l nosuch',
    ]),
    ...[
      '-q -G -N gamma',
      '-V -G -N gamma',
      '--version',
      '-n alpha -G',
      '-G -N gamma extra',
      '--nosuch',
      '-i nodes-3-standby -G -N gamma',
      '--query --node gamma',
      '-Q -G -N gamma',
      '-G -D -N gamma',
      '-v',
      '-N',
      '-x',
      '-$',
      '--lifetime=forever --node=gamma --query',
      '-b',
      '-U gamma -G',
      '--delete --node gamma',
      '--update=on --node=beta',
      '-v on -N beta -i someid',
    ],
  ]),
  ...prefixed('crm_failcount', [
    ...combine(
      ['', '-G', '-D', '-v 0', '-v 3', '-v x'],
      ['', '-r shaped', '-r ping', '-r plain', '-r nosuch', '-r stack', '-r db:0'],
      [
        '',
        '-N beta',
        '-N alpha',
        '-N nosuch',
        '-N beta -n monitor -I 20s',
        '-N beta -n start',
        '-N beta -n monitor',
        '-N beta -I 20s',
      ],
    ),
    ...[
      '-q -G -r shaped -N beta',
      '-G -r shaped -N beta extra',
      '--nosuch',
      '--version',
      '-V -G -r shaped -N beta',
      '--query --resource=shaped --node=beta',
      '-i shaped -G -N beta',
      '-U beta -r shaped -G',
      '-N beta -r shaped -G -n monitor -I 20000ms',
      '-N beta -r shaped -G -n monitor -I 30',
      '-r',
      '-n',
    ],
  ]),
  ...prefixed(
    'crm_master',
    combine(
      ['', '-G', '-v 5', '-D', '-q -G', '-v INFINITY', '-v', '--nosuch', '--version', '-Q -G', '-G -r db'],
      ['', '-r db', '-N alpha', '-N alpha -r db', '-N beta -l forever', '-N nosuch', '-N alpha -l reboot'],
    ),
  ),
];
