import { parseInterval } from '../cib/interval.js';
import { INFINITY } from '../cib/score.js';
import { EXIT } from '../command-line/exit-codes.js';
import { exitOf } from '../command-line/result-codes.js';
import type { Surroundings, Tool } from '../command-line/tool.js';
import { type CibAccess, openCib } from './access.js';
import { type FrontEnd, readFrontEnd } from './crm-standby.js';
import { localNode, nodeFromEnvironment } from './node-name.js';

const FRONT_END: FrontEnd = {
  options: [
    { long: 'help' },
    { long: 'version' },
    { long: 'verbose', short: 'V' },
    { long: 'quiet', short: 'q' },
    { long: 'Quiet', short: 'Q' },
    { long: 'query', short: 'G' },
    { long: 'delete', short: 'D' },
    { long: 'resource', short: 'r', value: 'required' },
    { long: 'node', short: 'N', value: 'required' },
    { long: 'Uname', short: 'U', value: 'required' },
    { long: 'operation', short: 'n', value: 'required' },
    { long: 'interval', short: 'I', value: 'required' },
    { long: 'delete-attr' },
    { long: 'get-value' },
    { long: 'resource-id', value: 'required' },
    { long: 'uname', value: 'required' },
    { long: 'lifetime', short: 'l', value: 'required' },
    { long: 'attr-value', short: 'v', value: 'required' },
    { long: 'attr-id', short: 'i', value: 'required' },
  ],
  usageExit: EXIT.USAGE,
  help: `crm_failcount - show or clear how often a resource failed

Usage: crm_failcount <command> [<options>]

Commands:
 -G, --query            Show the resource's fail count
 -D, --delete           Forget the resource's failures

Options:
 -r, --resource=value   The resource (required)
 -n, --operation=value  Only failures of this operation
 -I, --interval=value   Interval of the operation
 -N, --node=value       The node (default: this one)
 -q, --quiet            Show only the value
 -V, --verbose          Say more (may be given several times)
 --help                 Show this text
 --version              Show the version
`,
};

interface FailCounts {
  /** Value of one attribute; undefined: there is none. */
  value(name: string): string | undefined;
  /** Values of all whose names start so. */
  starting(prefix: string): readonly string[];
}

async function failCounts(access: CibAccess, node: string): Promise<FailCounts | undefined> {
  const pairs: [string, string][] = [];
  const held = access.kind === 'agent' ? await access.call('attribute.query', { node }) : undefined;
  if (held) {
    if (!held.ok) return undefined;
    for (const { name, value } of held.value.attributes) pairs.push([name, value]);
  } else {
    const read = await access.read();
    if (!read.ok) return undefined;
    for (const state of read.value.first('status')?.elements('node_state') ?? []) {
      if (state.get('uname') !== node && state.id !== node) continue;
      for (const set of state.first('transient_attributes')?.elements('instance_attributes') ?? []) {
        for (const pair of set.elements('nvpair')) {
          pairs.push([pair.get('name') ?? '', pair.get('value') ?? '']);
        }
      }
    }
  }
  return {
    value: (name) => pairs.find(([held]) => held === name)?.[1],
    starting: (prefix) => pairs.filter(([held]) => held.startsWith(prefix)).map(([, value]) => value),
  };
}

function sum(values: readonly string[]): string {
  let total = 0;
  for (const value of values) {
    if (value === 'INFINITY') return 'INFINITY';
    if (/^[0-9]+$/.test(value)) total += Number(value);
  }
  return total >= INFINITY ? 'INFINITY' : String(total);
}

/** Works as `crm_failcount` of Pacemaker 2.1.5 does. */
export const crmFailcount: Tool = async (surroundings) => {
  const read = readFrontEnd(FRONT_END, surroundings);
  if (typeof read === 'number') return read;
  let command: 'query' | 'delete' | undefined;
  let resource = '';
  let operation = '';
  let interval = '0';
  let node: string | undefined;
  let quiet = false;
  const warn = (text: string) => surroundings.err(`warning: ${text}\n`);
  for (const { option, value = '' } of read.occurrences) {
    if (option === 'query' || option === 'delete') command = option;
    else if (option === 'resource' || option === 'resource-id') resource = value;
    else if (option === 'operation') operation = value;
    else if (option === 'interval') interval = value;
    else if (option === 'node') node = value;
    else if (option === 'quiet') quiet = true;
    else if (option === 'update') {
      if (value === '0') command = 'delete';
      else warn("ignoring deprecated option '--attr-value' with nonzero value");
    } else if (option === 'id' || option === 'lifetime') warn(`ignoring deprecated option '--${option}'`);
  }
  const misused = (complaint: string) => {
    surroundings.err(`error: ${complaint}\n`);
    surroundings.out(`\n${FRONT_END.help}`);
    return EXIT.USAGE;
  };
  if (command === undefined) return misused('must specify a command');
  if (resource === '') return misused('resource name required');
  const period = parseInterval(interval) ?? 0;
  if (command === 'delete') return clear(surroundings, resource, operation, period, node, quiet);

  const opened = await openCib(surroundings);
  if (!opened.ok) {
    surroundings.err('error: could not query CIB for fail counts\n');
    return exitOf(opened.failure);
  }
  const access = opened.value;
  try {
    const name = nodeFromEnvironment(node, surroundings) ?? node;
    const local = name === undefined ? await localNode(access, surroundings) : undefined;
    const target = name ?? (local?.ok ? local.value : undefined);
    if (target === undefined) return misused('node name required');
    const counts = await failCounts(access, target);
    if (!counts) {
      surroundings.err('error: could not query CIB for fail counts\n');
      return EXIT.NOSUCH;
    }
    const whole = `fail-count-${resource}`;
    let shown = operation === '' ? whole : `${whole}#${operation}_${period}`;
    let count = operation === '' ? sum(counts.starting(`${whole}#`)) : (counts.value(shown) ?? '0');
    if (count === '0' && (counts.value(whole) ?? '0') !== '0') {
      shown = whole;
      count = counts.value(whole)!;
    }
    surroundings.out(quiet ? `${count}\n` : `scope=status  name=${shown} value=${count}\n`);
  } finally {
    await access.close();
  }
  return EXIT.OK;
};

async function clear(
  surroundings: Surroundings,
  resource: string,
  operation: string,
  period: number,
  node: string | undefined,
  quiet: boolean,
): Promise<number> {
  const { crmResource } = await import('./crm-resource.js');
  const words = ['--cleanup', '-r', resource];
  if (node !== undefined) words.push('-N', node);
  if (operation !== '') words.push('-n', operation, '-I', `${period}ms`);
  if (quiet) words.push('--quiet');
  return crmResource({ ...surroundings, zoneOffset: surroundings.zoneOffset, name: 'crm_resource', words });
}
