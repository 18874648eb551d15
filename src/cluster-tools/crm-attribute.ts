import type { Element } from '../cib/element.js';
import { EXIT } from '../command-line/exit-codes.js';
import type { Arguments, OptionTable } from '../command-line/options.js';
import { element } from '../command-line/output.js';
import { exitOf, type ResultName, resultText } from '../command-line/result-codes.js';
import { type Report, type Surroundings, ToolFailure, toolWith } from '../command-line/tool.js';
import { type CibAccess, withCib, worksOnFile } from './access.js';
import {
  type AttributeOutcome,
  type AttributePlace,
  deleteAttribute,
  findAttributes,
  findNode,
  setAttribute,
} from './attributes.js';
import { localNode, nodeFromEnvironment } from './node-name.js';

const table: OptionTable = {
  name: 'crm_attribute',
  summary: 'crm_attribute - show and change cluster options and node attributes',
  formats: ['xml'],
  groups: [
    {
      name: 'selections',
      title: 'Selecting attributes:',
      help: 'Show selecting options',
      options: [
        { long: 'id', short: 'i', value: 'XML_ID', help: '(Advanced) The attribute with this id' },
        { long: 'name', short: 'n', value: 'NAME', help: 'The attribute or option with this name' },
        {
          long: 'pattern',
          short: 'P',
          value: 'PATTERN',
          help: 'All attributes that match (with -G, or with -v or -D and -l reboot)',
        },
        {
          long: 'promotion',
          short: 'p',
          value: 'RESOURCE',
          optional: true,
          help: 'The promotion score of this resource, or of the one whose agent calls (-l defaults to reboot)',
        },
        { long: 'set-name', short: 's', value: 'NAME', help: '(Advanced) Within the set with this id' },
      ],
    },
    {
      name: 'command',
      title: 'Commands:',
      help: 'Show command options',
      options: [
        { long: 'delete', short: 'D', help: 'Remove the attribute or option' },
        { long: 'query', short: 'G', help: 'Show its value (default)' },
        { long: 'update', short: 'v', value: 'VALUE', help: 'Set its value' },
      ],
    },
    {
      name: 'additional',
      title: 'Additional options:',
      help: 'Show additional options',
      options: [
        { long: 'default', short: 'd', value: 'VALUE', help: '(Advanced) Show this where there is none' },
        { long: 'lifetime', short: 'l', value: 'LIFETIME', help: 'How long it lasts: reboot or forever' },
        { long: 'node', short: 'N', value: 'NODE', help: 'An attribute of this node, not a cluster option' },
        {
          long: 'type',
          short: 't',
          value: 'SECTION',
          help: 'Where it stands: crm_config, rsc_defaults, op_defaults or tickets',
        },
        { long: 'utilization', short: 'z', help: 'A utilization attribute of the node' },
        { long: 'inhibit-policy-engine', short: '!', hidden: true, help: '' },
      ],
    },
    {
      name: 'deprecated',
      title: 'Deprecated Options:',
      help: 'Show deprecated options',
      options: [
        { long: 'attr-id', value: 'ID', hidden: true, help: '' },
        { long: 'attr-name', value: 'NAME', hidden: true, help: '' },
        { long: 'attr-value', value: 'VALUE', hidden: true, help: '' },
        { long: 'delete-attr', hidden: true, help: '' },
        { long: 'get-value', hidden: true, help: '' },
        { long: 'node-uname', short: 'U', value: 'NODE', hidden: true, help: '' },
      ],
    },
  ],
  options: [
    { long: 'quiet', short: 'q', help: 'Show only the value' },
    { long: 'quiet', short: 'Q', hidden: true, help: '' },
  ],
  description: `Examples:

  crm_attribute --node myhost --name location --update office
  crm_attribute --name cluster-delay --query --quiet`,
};

interface Wanted {
  readonly command: 'query' | 'update' | 'delete';
  readonly value: string | undefined;
  readonly name: string | undefined;
  readonly pattern: RegExp | undefined;
  readonly section: string;
  readonly id: string | undefined;
  readonly setId: string | undefined;
  readonly setType: string | undefined;
  readonly node: string | undefined;
  readonly fallback: string | undefined;
}

function last(given: Arguments, ...options: readonly string[]): string | undefined {
  return given.occurrences.findLast(({ option }) => options.includes(option))?.value;
}

/** What the words ask for; later words win. */
function read(given: Arguments, { env }: Surroundings): Wanted {
  let command: Wanted['command'] = 'query';
  let value: string | undefined;
  let name: string | undefined;
  let type: string | undefined;
  let setType: string | undefined;
  for (const { option, value: typed } of given.occurrences) {
    if (option === 'update' || option === 'attr-value') {
      command = 'update';
      value = typed;
    } else if (option === 'delete' || option === 'delete-attr') command = 'delete';
    else if (option === 'query' || option === 'get-value') command = 'query';
    else if (option === 'name' || option === 'attr-name') name = typed;
    else if (option === 'promotion') {
      const resource = typed ?? env.OCF_RESOURCE_INSTANCE;
      name = resource === undefined ? undefined : `master-${resource}`;
    } else if (option === 'type' || option === 'lifetime') type = typed;
    else if (option === 'utilization') {
      type = 'nodes';
      setType = 'utilization';
    }
  }
  if (given.has('promotion') && name === undefined) {
    throw new ToolFailure(
      EXIT.USAGE,
      '-p/--promotion must be called from an OCF resource agent or with a resource ID specified',
    );
  }
  const node = last(given, 'node', 'node-uname');
  let section = type ?? (given.has('promotion') ? 'status' : node === undefined ? 'crm_config' : 'nodes');
  if (section.toLowerCase() === 'reboot') section = 'status';
  else if (section.toLowerCase() === 'forever') section = 'nodes';
  const pattern = given.value('pattern');
  return {
    command,
    value: command === 'update' ? value : undefined,
    name,
    pattern: pattern === undefined ? undefined : new RegExp(pattern),
    section,
    id: last(given, 'id', 'attr-id'),
    setId: given.value('set-name'),
    setType,
    node,
    fallback: given.value('default'),
  };
}

function failed(failure: ResultName): ToolFailure {
  return failure === 'ENOTUNIQ'
    ? new ToolFailure(
        exitOf(failure),
        "Please choose from one of the matches below and supply the 'id' with --attr-id",
      )
    : new ToolFailure(exitOf(failure), `Error performing operation: ${resultText(failure)}`);
}

/** Works as `crm_attribute` of Pacemaker 2.1.5 does. */
export const crmAttribute = toolWith(table, async (given, report, surroundings) => {
  const wanted = read(given, surroundings);
  await withCib(surroundings, (access) => work(access, wanted, report, surroundings));
  return EXIT.OK;
});

async function work(
  access: CibAccess,
  wanted: Wanted,
  report: Report,
  surroundings: Surroundings,
): Promise<void> {
  let node: string | undefined;
  let nodeId: string | undefined;
  let remote = false;
  const transient = wanted.section === 'status' && !worksOnFile(surroundings);
  if (!['crm_config', 'tickets'].includes(wanted.section)) {
    node = nodeFromEnvironment(wanted.node, surroundings) ?? wanted.node;
    if (node === undefined) {
      const local = await localNode(access, surroundings);
      if (!local.ok) {
        const why = local.message ?? resultText(local.failure);
        throw new ToolFailure(exitOf(local.failure), `Could not connect to controller: ${why}`);
      }
      node = local.value;
    }
    if (!transient) {
      const found = await findNode(access, node);
      if (!found.ok) {
        throw new ToolFailure(exitOf(found.failure), `Could not map name=${node} to a UUID`);
      }
      nodeId = found.value.id;
      remote = found.value.remote;
    }
  }
  if (wanted.command === 'delete' && wanted.name === undefined && !wanted.pattern) {
    throw new ToolFailure(EXIT.USAGE, 'Error: must specify attribute name or pattern to delete');
  }
  if (wanted.pattern && wanted.command !== 'query' && wanted.section !== 'status') {
    throw new ToolFailure(
      EXIT.USAGE,
      'Error: pattern can only be used with query, or with till-reboot update or delete',
    );
  }
  if (transient) {
    await onAgent(access, wanted, node!, report);
    return;
  }
  const place: AttributePlace = {
    section: wanted.section,
    nodeId,
    remote,
    setType: wanted.setType,
    setId: wanted.setId,
    id: wanted.id,
    name: wanted.name,
  };
  if (wanted.command === 'query') await show(access, place, wanted, node, report);
  else await change(access, place, wanted, report);
}

/** Transient attributes of a running cluster go through the agent, which replicates them. */
async function onAgent(access: CibAccess, wanted: Wanted, node: string, report: Report): Promise<void> {
  const outcome = await access.call('attribute.query', {
    node,
    ...(wanted.name === undefined || wanted.pattern ? {} : { name: wanted.name }),
  });
  if (!outcome.ok && (wanted.command === 'query' || wanted.pattern)) throw failed(outcome.failure);
  const matching = (outcome.ok ? outcome.value.attributes : []).filter(
    ({ name }) => !wanted.pattern || wanted.pattern.test(name),
  );
  if (wanted.command === 'query') {
    if (matching.length === 0) {
      if (wanted.fallback === undefined) throw failed('ENXIO');
      showOne(report, wanted, wanted.name, wanted.fallback, node);
    }
    for (const { name, value } of matching) showOne(report, wanted, name, value, node);
    return;
  }
  const names = wanted.pattern ? matching.map(({ name }) => name) : [wanted.name!];
  for (const name of names) {
    const update = await access.call('attribute.update', {
      node,
      name,
      ...(wanted.value === undefined ? {} : { value: wanted.value }),
    });
    if (!update.ok) throw failed(update.failure);
  }
}

function showOne(
  report: Report,
  wanted: Wanted,
  name: string | undefined,
  value: string | undefined,
  host: string | undefined,
): void {
  report.xml(
    element('attribute', {
      name,
      value: value ?? '',
      scope: wanted.section,
      id: wanted.id,
      host,
    }),
  );
  if (report.quiet) {
    if (value !== undefined) report.line(value);
    return;
  }
  const id = wanted.id === undefined ? '' : `id=${wanted.id}`;
  const shownName = name === undefined ? '' : `name=${name}`;
  report.line(`scope=${wanted.section} ${id} ${shownName} value=${value ?? '(null)'}`);
}

async function show(
  access: CibAccess,
  place: AttributePlace,
  wanted: Wanted,
  node: string | undefined,
  report: Report,
): Promise<void> {
  const found = await findAttributes(
    access,
    wanted.pattern ? { ...place, id: undefined, name: undefined } : place,
  );
  if (!found.ok) {
    if (found.failure !== 'ENXIO' || wanted.fallback === undefined) throw failed(found.failure);
    showOne(report, wanted, wanted.name, wanted.fallback, node);
    return;
  }
  const matching = found.value.filter(
    (pair) => !wanted.pattern || wanted.pattern.test(pair.get('name') ?? ''),
  );
  if (matching.length === 0) throw failed('ENXIO');
  for (const pair of matching) showOne(report, wanted, pair.get('name'), pair.get('value'), undefined);
}

async function change(
  access: CibAccess,
  place: AttributePlace,
  wanted: Wanted,
  report: Report,
): Promise<void> {
  let places = [place];
  if (wanted.pattern) {
    const found = await findAttributes(access, { ...place, id: undefined, name: undefined });
    if (!found.ok) {
      if (found.failure === 'ENXIO' && wanted.command === 'delete') return;
      throw failed(found.failure);
    }
    places = found.value
      .map((pair) => pair.get('name') ?? '')
      .filter((name) => wanted.pattern!.test(name))
      .map((name) => ({ ...place, name }));
  }
  for (const one of places) {
    if (wanted.command === 'update') {
      const outcome = await setAttribute(access, one, wanted.value!);
      if (!outcome.ok) throw updateFailed(outcome, one, wanted, report);
    } else await remove(access, one, report);
  }
}

function listMatches(matches: readonly Element[], name: string | undefined, report: Report): void {
  report.info(`Multiple attributes match name=${name}`);
  for (const pair of matches) report.info(`  Value: ${pair.get('value')} \t(id=${pair.id})`);
}

function updateFailed(
  outcome: AttributeOutcome<undefined> & { ok: false },
  place: AttributePlace,
  wanted: Wanted,
  report: Report,
): ToolFailure {
  if (outcome.matches) listMatches(outcome.matches, place.name, report);
  else if (outcome.refused) {
    const set = outcome.refused.setId ?? '<null>';
    report.error(
      `Error setting ${place.name}=${wanted.value} (section=${place.section}, set=${set}): ${resultText(outcome.failure)}`,
    );
  }
  return failed(outcome.failure);
}

async function remove(access: CibAccess, place: AttributePlace, report: Report): Promise<void> {
  const outcome = await deleteAttribute(access, place);
  if (outcome.ok) {
    const kind = place.nodeId === undefined ? 'option' : 'attribute';
    const set = place.setId === undefined ? '' : ` set=${place.setId}`;
    const name = place.name === undefined ? '' : ` name=${place.name}`;
    report.info(`Deleted ${place.section} ${kind}: id=${outcome.value ?? '(null)'}${set}${name}`);
    return;
  }
  if (outcome.failure === 'ENXIO') return;
  if (outcome.matches) listMatches(outcome.matches, place.name, report);
  if (outcome.failure !== 'ENOTUNIQ') throw failed(outcome.failure);
}
