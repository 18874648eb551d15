/** The environment that agents run in: what Pacemaker 2.1.5 and the resource-agents' shell functions expect. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Places } from './places.js';
import type { OperationRequest } from './types.js';

/** Feature set of Pacemaker 2.1.5, which agents may look at (`OCF_RESKEY_crm_feature_set`). */
export const CRM_FEATURE_SET = '3.16.1';
const EXIT_REASON_PREFIX = 'ocf-exit-reason:';
const SYSTEM_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
/** Exit reasons are cut here, as Pacemaker does. */
const EXIT_REASON_LENGTH_MAX = 128;

/** What every agent of any class gets. The tools of ours come first on PATH and as `HA_SBIN_DIR`. */
export function baseEnvironment(
  places: Places,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Record<string, string> {
  const env: Record<string, string> = {};
  for (const [name, value] of Object.entries(environment)) {
    // How this process was started is nothing to the agents.
    if (value === undefined || /^(NODE_|npm_|OCF_|INIT_CWD$|VITEST)/.test(name)) continue;
    env[name] = value;
  }
  const path = environment.PATH || SYSTEM_PATH;
  // Our own agents may need Node, wherever it is installed.
  const wanted = [...SYSTEM_PATH.split(':'), dirname(process.execPath)];
  const missing = wanted.filter((directory) => !path.split(':').includes(directory));
  env.PATH = [...(places.tools === null ? [] : [places.tools]), path, ...missing].join(':');
  if (places.tools !== null) env.HA_SBIN_DIR = places.tools;
  if (places.root !== '') {
    env.QUORATE_ROOT = places.root;
    // Nodes that share a machine must not share the state of their agents.
    env.HA_VARRUN = join(places.root, '/run');
    env.HA_VARLOCK = join(places.root, '/run/lock');
  }
  env.HA_RSCTMP = places.resourceTemporary;
  for (const prefix of ['HA', 'PCMK']) {
    env[`${prefix}_cluster_type`] = 'corosync';
    env[`${prefix}_quorum_type`] = 'corosync';
    env[`${prefix}_mcp`] = 'true';
    env[`${prefix}_debug`] ??= '0';
  }
  env.PCMK_service = 'pacemaker-execd';
  env.PCMK_watchdog ??= 'false';
  // Agents read what other programs print.
  env.LC_ALL = 'C';
  if (existsSync('/dev/log')) {
    env.HA_LOGFACILITY ??= 'daemon';
    env.HA_logfacility ??= 'daemon';
    env.PCMK_logfacility ??= 'daemon';
  }
  return env;
}

/** OCF 1.1's variables for one operation (resource agent API, section 3.4), and Pacemaker's `CRM_meta_*`. */
export function ocfEnvironment(request: OperationRequest, places: Places): Record<string, string> {
  const env: Record<string, string> = {
    OCF_ROOT: places.ocfRoot,
    OCF_RA_VERSION_MAJOR: '1',
    OCF_RA_VERSION_MINOR: '1',
    OCF_EXIT_REASON_PREFIX: EXIT_REASON_PREFIX,
    OCF_OUTPUT_FORMAT: 'text',
    OCF_RESOURCE_INSTANCE: request.resource,
    OCF_RESOURCE_TYPE: request.agent.type,
    OCF_RESKEY_crm_feature_set: CRM_FEATURE_SET,
  };
  if (request.agent.provider !== undefined) env.OCF_RESOURCE_PROVIDER = request.agent.provider;
  for (const [name, value] of Object.entries(request.parameters)) {
    env[name === 'OCF_CHECK_LEVEL' ? name : `OCF_RESKEY_${name}`] = value;
  }
  const meta = (name: string) => `OCF_RESKEY_CRM_meta_${name.replaceAll('-', '_')}`;
  env[meta('timeout')] = String(request.timeoutMs);
  if (request.intervalMs > 0) env[meta('interval')] = String(request.intervalMs);
  for (const [name, value] of Object.entries(request.meta)) {
    if (name === 'OCF_CHECK_LEVEL') env.OCF_CHECK_LEVEL = value;
    // What the controller expects is nothing to the agent.
    else if (name === 'op_target_rc') continue;
    else env[meta(name)] = value;
  }
  return env;
}

/** The last exit reason that an OCF agent has given on stderr, or the empty string. */
export function exitReason(stderr: string): string {
  const at = stderr.lastIndexOf(EXIT_REASON_PREFIX);
  if (at < 0) return '';
  const from = at + EXIT_REASON_PREFIX.length;
  const end = stderr.indexOf('\n', from);
  return stderr.slice(from, end < 0 ? undefined : end).slice(0, EXIT_REASON_LENGTH_MAX);
}
