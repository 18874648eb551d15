/**
 * What the shell can do with a real Corosync + Pacemaker cluster, from a client that is none of its nodes:
 * docs/pacemaker.md shows this table. The commands are run in this order.
 */
export interface Entry {
  /** As typed on the client; `crm` gets `-H primary`. */
  readonly command: string;
  /** What is printed, at least. */
  readonly shows: RegExp;
  /** What the real tools must say afterwards, on a node: a command, and what it prints. */
  readonly afterwards?: readonly [command: string, shows: RegExp];
}

const real = (tool: string, shows: RegExp): readonly [string, RegExp] => [`/usr/sbin/${tool}`, shows];

export const MATRIX: Readonly<Record<string, readonly Entry[]>> = {
  status: [
    { command: 'crm status', shows: /Online: \[ primary secondary \]/ },
    { command: 'crm status xml', shows: /<node name="primary" id="1" online="true"/ },
    { command: 'crm_mon -H primary -1rA', shows: /Node List:[\s\S]*Full List of Resources:/ },
    { command: 'crm_mon -H primary --output-as=json', shows: /"nodes"/ },
    { command: 'crm_mon -H primary --output-as=prometheus', shows: /^ha_cluster_corosync_quorate 1$/m },
    { command: 'crm cluster status', shows: /Quorum: +yes/ },
    { command: 'crm cluster health', shows: /./ },
  ],
  configure: [
    {
      command: 'crm configure property no-quorum-policy=ignore',
      shows: /^/,
      afterwards: real('crm_attribute -G -n no-quorum-policy -q', /^ignore$/m),
    },
    {
      command: 'crm -w configure primitive a Dummy op monitor interval=10s timeout=20s',
      shows: /^/,
      afterwards: real('crm_mon -1', /a\s+\(ocf:heartbeat:Dummy\):\s+ Started/),
    },
    { command: 'crm -w configure primitive b Dummy meta target-role=Stopped', shows: /^/ },
    {
      command: 'crm configure group g b',
      shows: /^/,
      afterwards: real('cibadmin -Q --xpath //group', /id="g"/),
    },
    { command: 'crm configure location stay a 50: primary', shows: /^/ },
    { command: 'crm configure colocation with inf: g a', shows: /^/ },
    { command: 'crm configure order after Mandatory: a g', shows: /^/ },
    {
      command: 'crm configure show a',
      shows: /^primitive a Dummy \\\n\top monitor interval=10s timeout=20s$/m,
    },
    { command: 'crm configure show xml', shows: /<rsc_order id="after"/ },
    { command: 'crm configure verify', shows: /^/ },
    { command: 'crm configure rename stay stays', shows: /^/ },
    { command: 'crm configure delete with after', shows: /^/ },
    { command: 'crm configure rsc_defaults resource-stickiness=10', shows: /^/ },
    { command: 'crm configure ptest nograph', shows: /^/ },
  ],
  resource: [
    { command: 'crm resource status a', shows: /resource a is running on: primary/ },
    { command: 'crm resource locate a', shows: /resource a is running on: primary/ },
    { command: 'crm -w resource stop a', shows: /^/, afterwards: real('crm_mon -1r', /a\s.*Stopped/) },
    { command: 'crm -w resource start a', shows: /^/, afterwards: real('crm_mon -1', /a\s.*Started/) },
    {
      command: 'crm -w resource move a secondary',
      shows: /^/,
      afterwards: real('crm_mon -1', /a\s.*Started secondary/),
    },
    { command: 'crm -w resource clear a', shows: /^/ },
    { command: 'crm -w resource restart a', shows: /^/, afterwards: real('crm_mon -1', /a\s.*Started/) },
    { command: 'crm resource param a set state /run/a.state', shows: /^/ },
    { command: 'crm resource param a show state', shows: /\/run\/a\.state/ },
    { command: 'crm resource meta a set priority 5', shows: /^/ },
    {
      command: 'crm resource unmanage a',
      shows: /^/,
      afterwards: real('crm_mon -1', /a\s.*(unmanaged|maintenance)/),
    },
    { command: 'crm resource manage a', shows: /^/ },
    { command: 'crm resource maintenance a on', shows: /^/ },
    { command: 'crm resource maintenance a off', shows: /^/ },
    { command: 'crm resource failcount a show primary', shows: /value=0/ },
    { command: 'crm resource cleanup a', shows: /^/ },
    { command: 'crm resource refresh a', shows: /^/ },
    { command: 'crm resource constraints a', shows: /^/ },
    { command: 'crm resource scores', shows: /a allocation score/ },
    { command: 'crm resource operations a', shows: /a_(start_0|monitor_10000)/ },
  ],
  node: [
    { command: 'crm node show', shows: /primary\(1\): (normal|member)/ },
    { command: 'crm node status', shows: /uname="secondary"/ },
    { command: 'crm node status-attr primary set pingd 5', shows: /^/ },
    { command: 'crm node status-attr primary show pingd', shows: /value=5/ },
    {
      command: 'crm node attribute secondary set site b',
      shows: /^/,
      afterwards: real('crm_attribute -N secondary -n site -G -q', /^b$/m),
    },
    { command: 'crm node attribute secondary show site', shows: /value=b/ },
    { command: 'crm node attribute secondary delete site', shows: /^/ },
    { command: 'crm node utilization secondary set cpu 4', shows: /^/ },
    {
      command: 'crm -w node standby secondary',
      shows: /^/,
      afterwards: real('crm_mon -1', /Node secondary: standby/),
    },
    {
      command: 'crm -w node online secondary',
      shows: /^/,
      afterwards: real('crm_mon -1', /Online: \[ primary secondary \]/),
    },
    {
      command: 'crm node maintenance secondary',
      shows: /^/,
      afterwards: real('crm_mon -1', /Node secondary: maintenance/),
    },
    { command: 'crm node ready secondary', shows: /^/ },
  ],
  ra: [
    { command: 'crm ra classes', shows: /^ocf/m },
    { command: 'crm ra list ocf heartbeat', shows: /IPaddr2/ },
    { command: 'crm ra info ocf:heartbeat:Dummy', shows: /Parameters/ },
    { command: 'crm ra providers Dummy', shows: /heartbeat/ },
  ],
  cib: [
    { command: 'crm cib new s1', shows: /s1/ },
    { command: 'crm cib list', shows: /s1/ },
    { command: 'crm cib delete s1', shows: /s1/ },
  ],
  maintenance: [
    {
      command: 'crm maintenance on',
      shows: /^/,
      afterwards: real('crm_mon -1', /Resource management is DISABLED/),
    },
    { command: 'crm maintenance off', shows: /^/ },
  ],
  history: [
    { command: 'crm history events', shows: /secondary is a member/ },
    { command: 'crm history peinputs', shows: /pe-input-\d+/ },
    { command: 'crm history transition', shows: /transition/i },
    { command: 'crm history resource a', shows: /start of a/ },
  ],
  corosync: [
    { command: 'crm corosync show', shows: /nodelist/ },
    { command: 'crm corosync get totem.transport', shows: /udpu/ },
    { command: 'crm corosync status', shows: /./ },
  ],
  cluster: [
    { command: 'crm cluster run "uname -n"', shows: /primary[\s\S]*secondary/ },
    { command: 'crm cluster stop secondary', shows: /stopped on secondary/ },
    { command: 'crm cluster start secondary', shows: /started on secondary/ },
  ],
};
