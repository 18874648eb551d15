import { hostname } from 'node:os';
import type { Surroundings } from '../command-line/tool.js';
import { type AccessOutcome, type CibAccess, worksOnFile } from './access.js';

/**
 * The node that an agent means when it names none, `auto` or `localhost`: the one that the executor says it runs
 * on, or that it runs for. Undefined where the environment does not say.
 */
export function nodeFromEnvironment(name: string | undefined, { env }: Surroundings): string | undefined {
  if (name !== undefined && !['auto', 'localhost'].includes(name.toLowerCase())) return undefined;
  const host = env.OCF_RESKEY_CRM_meta_physical_host;
  if (host && env.OCF_RESKEY_CRM_meta_container_attribute_target?.toLowerCase() === 'host') return host;
  return env.OCF_RESKEY_CRM_meta_on_node || name;
}

/** Name of the node that this machine is. On a file it is the host's name. */
export async function localNode(
  access: CibAccess,
  surroundings: Surroundings,
): Promise<AccessOutcome<string>> {
  if (worksOnFile(surroundings)) return { ok: true, value: hostname() };
  const state = await access.call('cluster.state', {});
  return state.ok ? { ok: true, value: state.value.localNode } : state;
}
