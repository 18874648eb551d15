/** What a cluster is described by, on every node. */
export const CONF = '/etc/corosync/corosync.conf';
export const KEY = '/etc/corosync/authkey';
/** There while `cluster init` or `join` is under way: what such an attempt has left may be written over. */
export const UNFINISHED = '/etc/corosync/.quorate-unfinished';
/** Where `cluster init` puts the program. */
export const INSTALLED = '/usr/local/lib/quorate';
export const UNIT = 'quorated.service';
export const DEFAULT_PORT = 5405;
