import { sections, setting } from '../../grammar/corosync/ast.js';
import { parseCorosync } from '../../grammar/corosync/parser.js';
import { printCorosync } from '../../grammar/corosync/print.js';
import type { BootstrapOptions, ClusterOutcome } from './cluster.js';
import { removeNode } from './corosync-file.js';
import { reloadCluster, spreadFile } from './join.js';
import { openMachine } from './machine.js';
import { CONF, KEY } from './places.js';
import { stopService } from './service.js';

/** Stops a node, takes it out of every other node's corosync.conf, and its own files away. */
export async function removeFromCluster(
  host: string,
  member: string,
  options: BootstrapOptions,
): Promise<ClusterOutcome> {
  const progress = options.progress ?? (() => {});
  const there = await openMachine(member, options);
  if (!there.ok) return { ok: false, findings: [there.error.message] };
  const files = await there.value.run(`cat ${CONF}`);
  await there.value.close();
  if (!files.ok) return { ok: false, findings: [files.error.message] };
  const { file } = parseCorosync(files.value.stdout);
  const names = sections(file.items, 'nodelist')
    .flatMap((list) => sections(list.items, 'node'))
    .map((each) => setting(each.items, 'name')?.value ?? '');
  if (!removeNode(file, host))
    return { ok: false, findings: [`${host} is no node of this cluster (it has ${names.join(', ')})`] };
  const leaving = await openMachine(host, options);
  if (leaving.ok) {
    const stopped = await stopService(leaving.value, { ...options, ...options.service });
    if (stopped.ok) await leaving.value.run(`rm -f -- ${CONF} ${KEY}`);
    await leaving.value.close();
    if (!stopped.ok) return { ok: false, findings: [stopped.message] };
    progress(host, 'stopped, its files removed');
  } else if (!options.force) return { ok: false, findings: [leaving.error.message] };
  const others = names.filter((each) => each !== host);
  const text = printCorosync(file);
  const spread = await spreadFile(others, text, `is without ${host} now`, options, progress);
  const { done } = spread;
  const problems = [...spread.problems];
  const [first] = done;
  const machine = first === undefined ? null : await openMachine(first, options);
  if (machine?.ok) {
    const complaints = await reloadCluster(machine.value, options);
    await machine.value.close();
    problems.push(...(complaints ?? []));
    if (complaints === null)
      progress(first!, `the nodes forget ${host} at their next start (crm cluster restart)`);
  }
  return problems.length > 0 ? { ok: false, findings: problems } : { ok: true };
}
