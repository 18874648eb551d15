/** Clusters of a geo cluster: the tickets between them are kept by booth (boothd(8)). */
export interface GeoCluster {
  /** One a cluster, in the order given. */
  readonly sites: readonly { readonly cluster: string; readonly address: string }[];
  readonly arbitrator: string | undefined;
  readonly tickets: readonly string[];
}

export const BOOTH_CONF = '/etc/booth/booth.conf';
export const BOOTH_KEY = '/etc/booth/booth.key';

/** booth's port, IANA's for it. */
const PORT = 9929;
/** Seconds after which a ticket that is not renewed is lost. */
const EXPIRE_SEC = 600;

/** Reads `paris=192.168.10.10 amsterdam=192.168.10.11` (or with commas); undefined where it is something else. */
export function parseSites(text: string): GeoCluster['sites'] | undefined {
  const words = text.split(/[\s,;]+/).filter((word) => word !== '');
  const sites = words.map((word) => {
    const [, cluster, address] = /^([^=]+)=([0-9A-Fa-f.:]+)$/.exec(word) ?? [];
    return cluster === undefined || address === undefined ? undefined : { cluster, address };
  });
  return sites.length > 0 && sites.every((site) => site !== undefined) ? sites : undefined;
}

/** booth.conf of a geo cluster; the names of the clusters stand in comments, since booth knows addresses only. */
export function boothConfiguration({ sites, arbitrator, tickets }: GeoCluster): string {
  const lines = [
    '# The geo cluster, the same on all its hosts: "crm cluster geo_init"',
    'transport = UDP',
    `port = ${PORT}`,
    `authfile = ${BOOTH_KEY}`,
    ...(arbitrator === undefined ? [] : [`arbitrator = ${arbitrator}`]),
    ...sites.flatMap(({ cluster, address }) => [`# cluster ${cluster}`, `site = ${address}`]),
    ...tickets.flatMap((ticket) => [`ticket = "${ticket}"`, `    expire = ${EXPIRE_SEC}`]),
  ];
  return `${lines.join('\n')}\n`;
}

/** The clusters that a booth.conf of ours names. */
export function sitesOf(text: string): GeoCluster['sites'] {
  return [...text.matchAll(/^# cluster (.+)\nsite = (.+)$/gm)].map(([, cluster, address]) => ({
    cluster: cluster!,
    address: address!,
  }));
}

/** `crm configure` statements that run booth, with the address that it is known by, on one node of a cluster. */
export function boothStatements(address: string): string {
  return `primitive booth-ip ocf:heartbeat:IPaddr2 params ip="${address}" op monitor interval=10s timeout=20s
primitive booth-site ocf:pacemaker:booth-site params config=booth op start timeout=90s interval=0 op stop timeout=100s interval=0 op monitor interval=10s timeout=20s
group g-booth booth-ip booth-site`;
}
