import { intervalMs } from '../cib/interval.js';
import { EXIT } from '../command-line/exit-codes.js';
import type { OptionTable } from '../command-line/options.js';
import { element } from '../command-line/output.js';
import { exitOf, type ResultName, resultText } from '../command-line/result-codes.js';
import { type Report, ToolFailure, toolWith } from '../command-line/tool.js';
import type { CibAccess } from './access.js';
import { openAgent } from './agent-access.js';
import { localNode, nodeFromEnvironment } from './node-name.js';

const table: OptionTable = {
  name: 'attrd_updater',
  summary: 'attrd_updater - show and change transient node attributes',
  formats: ['xml'],
  groups: [
    {
      name: 'required',
      title: 'Required Arguments:',
      help: 'Show required arguments',
      options: [{ long: 'name', short: 'n', value: 'NAME', help: 'The attribute' }],
    },
    {
      name: 'command',
      title: 'Command:',
      help: 'Show command options (mutually exclusive)',
      options: [
        { long: 'update', short: 'U', value: 'VALUE', help: 'Set its value' },
        {
          long: 'update-both',
          short: 'B',
          value: 'VALUE',
          help: 'Set its value and its dampening (needs -d)',
        },
        { long: 'update-delay', short: 'Y', help: 'Set its dampening (needs -d)' },
        { long: 'query', short: 'Q', help: 'Show its value' },
        { long: 'delete', short: 'D', help: 'Remove its value' },
        { long: 'refresh', short: 'R', help: '(Advanced) Nothing to do here: the CIB always has the values' },
      ],
    },
    {
      name: 'additional',
      title: 'Additional Options:',
      help: 'Show additional options',
      options: [
        { long: 'delay', short: 'd', value: 'SECONDS', help: 'Dampening: how long to wait for more changes' },
        { long: 'set', short: 's', value: 'SET', help: '(Advanced) Understood, but of no effect' },
        { long: 'node', short: 'N', value: 'NODE', help: 'The node (default: this one)' },
        { long: 'all', short: 'A', help: 'With -Q: its value on all nodes' },
        { long: 'lifetime', short: 'l', value: 'SECTION', help: 'Understood, but of no effect' },
        { long: 'private', short: 'p', help: 'Keep a new attribute out of the CIB' },
      ],
    },
  ],
  options: [
    { long: 'quiet', short: 'q', hidden: true, help: '' },
    // In no help of Pacemaker's; ocf:pacemaker:ping calls it.
    { long: 'v', short: 'v', value: 'VALUE', hidden: true, help: '' },
  ],
};

const COMMANDS: readonly string[] = [
  'update',
  'v',
  'update-both',
  'update-delay',
  'query',
  'delete',
  'refresh',
];

/** Works as `attrd_updater` of Pacemaker 2.1.5 does. */
export const attrdUpdater = toolWith(table, async (given, report, surroundings) => {
  const chosen = given.occurrences.findLast(({ option }) => COMMANDS.includes(option));
  const command = chosen?.option ?? 'query';
  const name = given.value('name');
  if (name === undefined && command !== 'refresh') {
    throw new ToolFailure(EXIT.USAGE, 'Command requires --name argument');
  }
  const delay = given.value('delay');
  if ((command === 'update-both' || command === 'update-delay') && delay === undefined) {
    const letter = command === 'update-both' ? 'B' : 'Y';
    surroundings.err(`Warning: '${letter}' command given without required --delay\n`);
  }
  const refused = (failure: ResultName, message: string | undefined) => {
    const why = message ?? resultText(failure);
    const what =
      command === 'query' ? 'connect to attrd' : `update ${name ?? '(null)'}=${chosen?.value ?? '(null)'}`;
    return new ToolFailure(exitOf(failure), `Could not ${what}: ${why}`);
  };
  const opened = await openAgent(surroundings);
  if (!opened.ok) throw refused(opened.failure, opened.message);
  const access = opened.value;
  try {
    if (command === 'refresh') return EXIT.OK;
    let node: string | undefined;
    if (!given.has('all') || command !== 'query') {
      node = nodeFromEnvironment(given.value('node'), surroundings) ?? given.value('node');
      if (node === undefined || ['auto', 'localhost'].includes(node.toLowerCase())) {
        const local = await localNode(access, { ...surroundings, zoneOffset: 0, env: {} });
        if (!local.ok) throw refused(local.failure, local.message);
        node = local.value;
      }
    }
    if (command === 'query') return await query(access, name!, node, report);
    const dampenMs = delay === undefined ? undefined : intervalMs(delay);
    let value = command === 'delete' ? undefined : chosen!.value;
    if (command === 'update-delay') {
      const held = await access.call('attribute.query', { name: name!, node: node! });
      value = held.ok ? held.value.attributes[0]?.value : undefined;
      if (value === undefined) throw refused('ENXIO', undefined);
    }
    const outcome = await access.call('attribute.update', {
      node: node!,
      name: name!,
      ...(value === undefined ? {} : { value }),
      ...(dampenMs === undefined ? {} : { dampenMs }),
      ...(given.has('private') ? { private: true } : {}),
    });
    if (!outcome.ok) throw refused(outcome.failure, outcome.message);
  } finally {
    await access.close();
  }
  return EXIT.OK;
});

async function query(
  access: CibAccess,
  name: string,
  node: string | undefined,
  report: Report,
): Promise<number> {
  const outcome = await access.call('attribute.query', { name, ...(node === undefined ? {} : { node }) });
  const found = outcome.ok ? outcome.value.attributes : [];
  if (!outcome.ok || found.length === 0) {
    const failure = outcome.ok || outcome.failure === 'ENXIO' ? 'ENXIO' : outcome.failure;
    const why = failure === 'ENXIO' ? 'attribute does not exist' : resultText(failure);
    throw new ToolFailure(exitOf(failure), `Could not query value of ${name}: ${why}`);
  }
  for (const attribute of found) {
    const { value, node: host } = attribute;
    report.line(`name="${name}" host="${host}" value="${value}"`);
    report.xml(element('attribute', { name, value, host }));
  }
  return EXIT.OK;
}
