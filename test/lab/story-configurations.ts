/** The configurations of the stories in crm's words, for the stories themselves and for who reads them with other tools. */
import { DATABASE_ADDRESS } from './stand-in-database.js';

/** Address of the load balancers, that of their second service, and the router behind their second card. */
export const DIRECTOR_ADDRESSES = ['10.77.0.100', '10.77.0.101'] as const;
export const ROUTER = '10.78.0.250';

/** Two directors with ldirectord, as such pairs have been configured for fifteen years. */
export const DIRECTORS = `
property no-quorum-policy=ignore stonith-enabled=false startup-fencing=false default-resource-stickiness=INFINITY
rsc_defaults migration-threshold=1
primitive vipcheck ocf:heartbeat:VIPcheck \\
  params target_ip=${DIRECTOR_ADDRESSES[0]} count=1 wait=1 \\
  op start interval=0s timeout=90s on-fail=restart start-delay=100ms
primitive vip1 ocf:heartbeat:IPaddr2 \\
  params ip=${DIRECTOR_ADDRESSES[0]} nic=eth0 cidr_netmask=24 \\
  op start interval=0s timeout=60s on-fail=restart \\
  op monitor interval=10s timeout=60s on-fail=restart \\
  op stop interval=0s timeout=60s on-fail=block
primitive vip2 ocf:heartbeat:IPaddr2 \\
  params ip=${DIRECTOR_ADDRESSES[1]} nic=eth0 cidr_netmask=24 \\
  op start interval=0s timeout=60s on-fail=restart \\
  op monitor interval=10s timeout=60s on-fail=restart \\
  op stop interval=0s timeout=60s on-fail=block
primitive ldirectord ocf:heartbeat:ldirectord \\
  params configfile="/etc/ha.d/ldirectord.cf" \\
  op start interval=0s timeout=60s on-fail=restart \\
  op monitor interval=10s timeout=60s on-fail=restart start-delay=1s \\
  op stop interval=0s timeout=60s on-fail=block
primitive ping ocf:pacemaker:ping \\
  params name=pingd_score host_list=${ROUTER} multiplier=100 attempts=1 timeout=1 dampen=500ms \\
  op start interval=0s timeout=60s on-fail=restart \\
  op monitor interval=1s timeout=60s on-fail=restart start-delay=100ms \\
  op stop interval=0s timeout=60s on-fail=ignore
group balancer vipcheck vip1 vip2 ldirectord
clone ping-clone ping
location balancer-place balancer \\
  rule 200: #uname eq lb1 \\
  rule 100: #uname eq lb2 \\
  rule -INFINITY: not_defined pingd_score or pingd_score lt 100
colocation balancer-with-ping INFINITY: balancer ping-clone
order ping-then-vipcheck 0: ping-clone vipcheck symmetrical=true
colocation add vip2 with ping-clone INFINITY id=vip2-with-ping
order ping-clone then ldirectord score=0 symmetrical=true id=ping-then-ldirectord
`;

/** A database on DRBD that moves with its disk; its home is n1. */
export const DATABASE = `
primitive disk ocf:linbit:drbd \\
  params drbd_resource=drbd0 fail_promote_early_if_peer_primary=true \\
  op start timeout=240s interval=0 op promote timeout=90s interval=0 op demote timeout=90s interval=0 \\
  op stop timeout=100s interval=0 op notify timeout=90s interval=0 \\
  op monitor role=Master interval=2s timeout=20s op monitor role=Slave interval=3s timeout=20s
primitive files Filesystem params device="/dev/drbd1" directory="/mnt/nd0" fstype=ext3 op monitor interval=10s
primitive address IPaddr2 params ip=${DATABASE_ADDRESS} cidr_netmask=24 op monitor interval=10s
primitive database lsb:database op monitor interval=5s meta migration-threshold=1
group service files address database
ms disk-clone disk meta master-max=1 master-node-max=1 clone-max=2 clone-node-max=1 notify=true
colocation service-with-disk inf: service disk-clone:Master
order disk-first Mandatory: disk-clone:promote service:start
location home disk-clone rule $role=Master 50: #uname eq n1
property stonith-enabled=false
rsc_defaults resource-stickiness=100
`;

/** Apache and a virtual address. */
const WEB_CLUSTER = `
property stonith-enabled=false no-quorum-policy=ignore
primitive Cluster_VIP IPaddr2 params nic=eth1 ip=10.78.0.50 cidr_netmask=24 op monitor interval=20s
primitive WebServer apache \\
  params configfile="/etc/apache2/apache2.conf" statusurl="http://127.0.0.1/server-status" \\
  op monitor interval=20s
colocation WebServer-with-VIP inf: WebServer Cluster_VIP
order VIP-first Mandatory: Cluster_VIP WebServer
rsc_defaults resource-stickiness=100
`;

/** The tutorial's floating address and nginx on both nodes. */
const FLOATING_IP = `
property stonith-enabled=false no-quorum-policy=ignore
primitive FloatIP ocf:digitalocean:floatip params do_token=secret floating_ip=203.0.113.10
primitive Nginx nginx params httpd="/usr/sbin/nginx" \\
  op start timeout=40s interval=0 op monitor timeout=30s interval=10s on-fail=restart op stop timeout=60s interval=0
clone Nginx-clone Nginx
colocation FloatIP-Nginx inf: FloatIP Nginx-clone
`;

/** What becomes of Heartbeat's haresources: a group with scripts of 2006, its home, and a ping clone. */
const HEARTBEAT = `
property stonith-enabled=false no-quorum-policy=ignore
primitive IPaddr_10_77_0_222 IPaddr2 params ip=10.77.0.222 cidr_netmask=24 op monitor interval=10s
primitive drbddisk_2 heartbeat:drbddisk params 1=drbd0 op monitor interval=10s
primitive Filesystem_3 Filesystem params device="/dev/drbd1" directory="/mnt/nd0" fstype=ext3 op monitor interval=20s
primitive ping_pingd ocf:pacemaker:ping params name=pingd host_list=10.77.0.254 multiplier=100 op monitor interval=10s
group group_1 IPaddr_10_77_0_222 drbddisk_2 Filesystem_3
clone ping_pingd-clone ping_pingd
location home_group_1 group_1 100: debian-420
location connected_group_1 group_1 rule pingd: defined pingd
rsc_defaults resource-stickiness=200
`;

export const STORY_CONFIGURATIONS: Readonly<Record<string, string>> = {
  'Apache and an address': WEB_CLUSTER,
  'the load balancer pair': DIRECTORS,
  'Heartbeat and DRBD': HEARTBEAT,
  'DRBD today': DATABASE,
  'the floating address': FLOATING_IP,
};
