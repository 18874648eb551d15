import type { HaResource } from '../../../grammar/heartbeat/ast.js';

/**
 * The scripts that Heartbeat itself had in `/etc/ha.d/resource.d`. They only translated their arguments and called the
 * OCF agent of the same name, so the agent is used directly. Every other script is somebody's own and runs as it is.
 *
 * By position: the agent's parameter that the argument became.
 */
const PARAMETERS: Readonly<Record<string, readonly string[]>> = {
  AudibleAlarm: ['nodelist'],
  Delay: ['startdelay', 'stopdelay'],
  Filesystem: ['device', 'directory', 'fstype', 'options'],
  ICP: ['driveid', 'device'],
  IPsrcaddr: ['ipaddress'],
  LinuxSCSI: ['scsi'],
  LVM: ['volgrpname'],
  MailTo: ['email', 'subject'],
  Raid1: ['raidconf', 'raiddev'],
  ServeRAID: ['serveraid', 'mergegroup'],
  WAS: ['config'],
  WinPopup: ['hostfile'],
  Xinetd: ['service'],
  apache: ['configfile'],
  db2: ['instance'],
  ids: ['informixdir', 'informixserver', 'onconfig'],
  ldirectord: ['configfile'],
  portblock: ['protocol', 'portno', 'action'],
};

/** Parameters without which the agent is of no use. */
const NEEDED: Readonly<Record<string, number>> = {
  Filesystem: 3,
  IPsrcaddr: 1,
  LVM: 1,
  MailTo: 1,
  Raid1: 2,
  Xinetd: 1,
  portblock: 3,
};

export interface OcfAgent {
  readonly type: string;
  readonly parameters: readonly (readonly [name: string, value: string])[];
  /** What is wrong with the arguments. */
  readonly complaint?: string;
}

/** The agent of `ocf:heartbeat` that one of Heartbeat's own scripts stands for; null where it stands for none. */
export function ocfAgentOf(resource: HaResource): OcfAgent | null {
  const { script, args, address } = resource;
  if (address) {
    const parameters: (readonly [string, string])[] = [['ip', address.address]];
    if (address.prefix !== undefined) parameters.push(['cidr_netmask', String(address.prefix)]);
    if (address.device !== undefined) parameters.push(['nic', address.device]);
    if (address.label !== undefined) parameters.push(['iflabel', address.label]);
    if (address.broadcast !== undefined) parameters.push(['broadcast', address.broadcast]);
    return { type: 'IPaddr2', parameters };
  }
  if (script === 'IPv6addr') {
    const [ip = '', prefix, device] = (args[0] ?? '').split('/');
    const parameters: (readonly [string, string])[] = [['ip', ip]];
    if (prefix) parameters.push(['cidr_netmask', prefix]);
    if (device) parameters.push(['nic', device]);
    return { type: 'IPaddr2', parameters };
  }
  if (script === 'SendArp') {
    const [ip = '', ...rest] = (args[0] ?? '').split('/');
    const device = rest.find((part) => part !== '' && !/^[\d.]+$/.test(part));
    return { type: 'SendArp', parameters: [['ip', ip], ...(device ? ([['nic', device]] as const) : [])] };
  }
  const names = PARAMETERS[script];
  if (!names) return null;
  const parameters = names.flatMap((name, index) => {
    const value = args[index];
    return value === undefined || value === '' ? [] : [[name, value] as const];
  });
  const needed = NEEDED[script] ?? 0;
  const missing = names.slice(args.length, needed);
  const extra = args.slice(names.length);
  const complaint =
    missing.length > 0
      ? `${script} needs ${needed} arguments (${names.slice(0, needed).join(', ')}), ${missing.join(' and ')} is missing`
      : extra.length > 0
        ? `${script} takes ${names.length} arguments (${names.join(', ')}), '${extra[0]}' is too much`
        : undefined;
  return { type: script, parameters, ...(complaint === undefined ? {} : { complaint }) };
}
