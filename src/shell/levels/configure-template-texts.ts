/** The templates that `configure template` offers, by name. */
export const TEMPLATES: ReadonlyMap<string, string> = new Map([
  [
    'virtual-ip',
    `%name virtual-ip

# An address that moves with the service.

%required

# The address, as 10.0.0.9
%% ip

%optional

# Length of the network's prefix, as 24
%% netmask
# The interface, as eth0
%% nic

%generate

primitive %_ ocf:heartbeat:IPaddr2
	params ip=%_:ip
	opt cidr_netmask=%_:netmask
	opt nic=%_:nic
	op monitor interval=10s timeout=20s
`,
  ],
  [
    'filesystem',
    `%name filesystem

# A file system on shared or replicated storage, mounted where the service runs.

%required

# The block device or share
%% device
# Where it is mounted
%% directory
# Its type, as ext4
%% fstype

%optional

# Mount options
%% options

%generate

primitive %_ ocf:heartbeat:Filesystem
	params device=%_:device
	directory=%_:directory
	fstype=%_:fstype
	opt options=%_:options
	op start interval=0 timeout=60s
	op stop interval=0 timeout=60s
	op monitor interval=20s timeout=40s
`,
  ],
  [
    'apache',
    `%name apache
%depends_on virtual-ip
%suggests filesystem

# The Apache web server with its address.

%required

%% id

%optional

# The server's configuration file
%% configfile /etc/apache2/apache2.conf

%generate

primitive %_:id ocf:heartbeat:apache
	params configfile=%_:configfile
	op start interval=0 timeout=40s
	op stop interval=0 timeout=60s
	op monitor interval=10s timeout=20s

group g-%_:id %_:id virtual-ip
`,
  ],
  [
    'nginx',
    `%name nginx
%depends_on virtual-ip

# The nginx web server with its address.

%required

%% id

%optional

# The server's configuration file
%% configfile /etc/nginx/nginx.conf

%generate

primitive %_:id ocf:heartbeat:nginx
	params configfile=%_:configfile
	op start interval=0 timeout=40s
	op stop interval=0 timeout=60s
	op monitor interval=10s timeout=30s

group g-%_:id virtual-ip %_:id
`,
  ],
  [
    'sbd',
    `%name sbd

# Fencing by messages on a shared disk.

%optional

# Longest random delay before fencing
%% pcmk_delay_max 30s

%generate

primitive %_ stonith:external/sbd
	params pcmk_delay_max=%_:pcmk_delay_max

property stonith-enabled=true
`,
  ],
]);
