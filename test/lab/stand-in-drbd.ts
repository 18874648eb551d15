/**
 * Two hosts with DRBD, as far as a cluster sees it: no kernel module is needed. `drbdadm` and `drbdsetup` are stand-ins
 * (drbd/) that model roles, the connection over eth1, disk states and generations, and refuse a second primary; Debian's
 * own `drbddisk` and `ocf:linbit:drbd` call them. The agent's one look at /proc/drbd is turned to /run/drbd/proc, and it
 * notes what it was notified of.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type ClusterNode, eventually, type Lab, PROJECT } from './lab.js';

const HERE = join(import.meta.dirname, 'drbd');
export const RESOURCE = 'drbd0';
const DISK_MIB = 8;

/** Address of a host on the second network, where DRBD replicates. */
const replication = ({ address }: ClusterNode): string => address.replace('10.77.', '10.78.');

const NOTIFIED = '/run/drbd/notified';
const NOTE_NOTIFICATION = `[ "$1" != notify ] || echo "$OCF_RESKEY_CRM_meta_notify_type-$OCF_RESKEY_CRM_meta_notify_operation" >>${NOTIFIED}`;

export class StandInDrbd {
  readonly #lab: Lab;
  readonly #nodes: readonly ClusterNode[];
  /** Both hosts see it; the images of the disks are in it. */
  readonly #shared: string;
  readonly log: string[] = [];

  constructor(lab: Lab, nodes: readonly ClusterNode[]) {
    if (existsSync('/proc/drbd'))
      throw new Error('this machine has DRBD itself, and /dev/drbd1 may be in use');
    this.#lab = lab;
    this.#nodes = nodes;
    mkdirSync(join(PROJECT, 'dist'), { recursive: true });
    this.#shared = mkdtempSync(join(PROJECT, 'dist/drbd-'));
  }

  /** A fresh disk with a file system, and both hosts booted. */
  async prepare(): Promise<void> {
    const image = join(this.#shared, 'first.img');
    execFileSync('truncate', ['-s', `${DISK_MIB}M`, image]);
    execFileSync('mkfs.ext3', ['-q', '-F', image]);
    for (const { name } of this.#nodes) await this.boot(name);
  }

  /** What a host has after each boot: the module, the tools, a /dev and a /mnt of its own. */
  async boot(node: string): Promise<void> {
    const self = this.#nodes.find(({ name }) => name === node)!;
    const peer = this.#nodes.find(({ name }) => name !== node)!;
    await this.#lab.ok(
      node,
      `mkdir -p /run/dev/upper /run/dev/work /run/dev/all &&
       mount -t overlay dev -o lowerdir=/dev,upperdir=/run/dev/upper,workdir=/run/dev/work /run/dev/all &&
       mount --bind /dev/pts /run/dev/all/pts && mount --bind /dev/shm /run/dev/all/shm &&
       mount --move /run/dev/all /dev &&
       mount -t tmpfs tmpfs /mnt &&
       mount --bind ${HERE}/drbdadm /usr/sbin/drbdadm &&
       mount --bind ${HERE}/drbdsetup /usr/sbin/drbdsetup &&
       sed -e '2i${NOTE_NOTIFICATION}' -e 's,/proc/drbd,/run/drbd/proc,' /usr/lib/ocf/resource.d/linbit/drbd >/run/drbd-agent &&
       chmod 755 /run/drbd-agent && mount --bind /run/drbd-agent /usr/lib/ocf/resource.d/linbit/drbd`,
    );
    const options = {
      name: RESOURCE,
      host: node,
      address: replication(self),
      peer: replication(peer),
      shared: this.#shared,
    };
    const module = this.#lab.start(
      node,
      `exec ${process.execPath} ${HERE}/node.mjs '${JSON.stringify(options)}'`,
    );
    createInterface({ input: module.stdout! }).on('line', (line) => this.log.push(line));
    createInterface({ input: module.stderr! }).on('line', (line) => this.log.push(`! ${line}`));
    await eventually(
      `${node} has the module`,
      () => this.#lab.exec(node, 'drbdadm role drbd0'),
      (ran) => ran.code === 0,
    );
  }

  /** `Primary/Secondary`, as `drbdadm role` says it on a host. */
  async role(node: string): Promise<string> {
    return (await this.#lab.ok(node, `drbdadm role ${RESOURCE}`)).trim();
  }

  /** What the agent on a host was notified of since its boot: `pre-promote`, `post-promote`, ... */
  async notified(node: string): Promise<string[]> {
    return (await this.#lab.ok(node, `cat ${NOTIFIED} 2>/dev/null || true`)).trim().split('\n');
  }

  /** After the lab is down. */
  remove(): void {
    const loops = execFileSync('losetup', ['-l', '-n', '-O', 'NAME,BACK-FILE'], { encoding: 'utf8' });
    for (const line of loops.split('\n')) {
      const [device = '', file = ''] = line.trim().split(/\s+/);
      if (file.startsWith(this.#shared)) execFileSync('losetup', ['-d', device]);
    }
    rmSync(this.#shared, { recursive: true, force: true });
  }
}
