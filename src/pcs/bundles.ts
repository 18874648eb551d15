import { byKeyword, readPairs, wordsOf } from '../../grammar/pcs/arguments.js';
import { WrongUsage } from '../../grammar/pcs/mistake.js';
import { Element } from '../cib/element.js';
import {
  exclusive,
  namesIn,
  newId,
  type Options,
  requiredAll,
  valueInRange,
  valueIsNonnegative,
  valueIsPort,
  valueIsPortRange,
  valueIsPositive,
  valueNotEmpty,
} from './checks.js';
import type { Environment } from './environment.js';
import { error, type Finding, forceable } from './refusal.js';
import { waitFor } from './state.js';
import {
  absence,
  appendSet,
  arrangeFirstSet,
  idBelow,
  idExists,
  resourcesOf,
  toId,
  uniqueId,
} from './tree.js';
import { quotedList } from './words.js';

/** `pcs resource bundle create|update|reset`. */

const CONTAINERS = ['docker', 'podman', 'rkt'];
const CONTAINER_OPTIONS = [
  'image',
  'masters',
  'network',
  'options',
  'promoted-max',
  'replicas',
  'replicas-per-host',
  'run-command',
];
const NETWORK_OPTIONS = ['control-port', 'host-interface', 'host-netmask', 'ip-range-start', 'add-host'];
const PORT_OPTIONS = ['id', 'port', 'internal-port', 'range'];
const STORAGE_OPTIONS = ['id', 'options', 'source-dir', 'source-dir-root', 'target-dir'];
const REPEATED = ['port-map', 'storage-map'];

function readParts(words: readonly string[]): Map<string, string[][]> {
  const keywords = ['meta', 'container', 'network', ...REPEATED];
  const groups = byKeyword(words, keywords, { repeated: REPEATED });
  for (const keyword of keywords) {
    const occurrences = groups.get(keyword);
    if (occurrences?.some((occurrence) => occurrence.length === 0)) {
      throw new WrongUsage(`No ${keyword} options specified`);
    }
  }
  return groups;
}

interface Wanted {
  readonly container: Map<string, string>;
  readonly network: Map<string, string>;
  readonly ports: readonly Map<string, string>[];
  readonly storage: readonly Map<string, string>[];
  readonly meta: Map<string, string>;
}

function readWanted(groups: ReadonlyMap<string, string[][]>, container: readonly string[]): Wanted {
  return {
    container: readPairs(container),
    network: readPairs(wordsOf(groups, 'network')),
    ports: (groups.get('port-map') ?? []).map(readPairs),
    storage: (groups.get('storage-map') ?? []).map(readPairs),
    meta: readPairs(wordsOf(groups, 'meta')),
  };
}

function oldMasters(options: Options): Finding[] {
  if (!options.get('masters')) return [];
  const text = "container option 'masters' is deprecated and should not be used, use 'promoted-max' instead";
  return [{ severity: 'deprecation', text }];
}

function checkContainer(options: Options, forced: boolean): Finding[] {
  const of = 'container';
  return [
    ...namesIn(options, CONTAINER_OPTIONS, { of, forced }),
    ...requiredAll(options, ['image'], { of }),
    ...valueNotEmpty(options, 'image', 'image name'),
    ...valueIsNonnegative(options, 'masters'),
    ...valueIsNonnegative(options, 'promoted-max'),
    ...exclusive(options, ['masters', 'promoted-max'], of),
    ...valueIsPositive(options, 'replicas'),
    ...valueIsPositive(options, 'replicas-per-host'),
    ...oldMasters(options),
  ];
}

function checkNetwork(options: Options, forced: boolean, update: boolean): Finding[] {
  const removed = update ? [...options].filter(([, value]) => value === '').map(([name]) => name) : [];
  const netmask = valueInRange(options, 'host-netmask', 1, 32, { forced, emptyIsFine: update }).map(
    (finding) => ({
      ...finding,
      text: finding.text.replace(/use .*$/, 'use a number of bits of the mask (1..32)'),
    }),
  );
  return [
    ...namesIn(options, [...NETWORK_OPTIONS, ...removed], { of: 'network', forced }),
    ...valueIsPort(options, 'control-port', { emptyIsFine: update }),
    ...netmask,
  ];
}

function requiredSome(options: Options, names: readonly string[], of: string): Finding[] {
  if (names.some((name) => (options.get(name) ?? '') !== '')) return [];
  return [error(`${of} option ${quotedList(names, ' or ')} has to be specified`)];
}

function checkPorts(cib: Element, maps: readonly Options[], forced: boolean): Finding[] {
  const of = 'port-map';
  return maps.flatMap((options) => {
    const id = options.get('id');
    return [
      ...namesIn(options, PORT_OPTIONS, { of, forced }),
      ...(id === undefined ? [] : newId(cib, id, 'port-map id')),
      ...(options.has('internal-port') && !options.has('port')
        ? [
            error(
              "If port-map option 'internal-port' is specified, port-map option 'port' must be specified as well",
            ),
          ]
        : []),
      ...requiredSome(options, ['port', 'range'], of),
      ...exclusive(options, ['port', 'range'], of),
      ...valueIsPort(options, 'port'),
      ...valueIsPort(options, 'internal-port'),
      ...valueIsPortRange(options, 'range', { forced }),
    ];
  });
}

function checkStorage(cib: Element, maps: readonly Options[], forced: boolean): Finding[] {
  const of = 'storage-map';
  return maps.flatMap((options) => {
    const id = options.get('id');
    return [
      ...namesIn(options, STORAGE_OPTIONS, { of, forced }),
      ...(id === undefined ? [] : newId(cib, id, 'storage-map id')),
      ...requiredSome(options, ['source-dir', 'source-dir-root'], of),
      ...exclusive(options, ['source-dir', 'source-dir-root'], of),
      ...requiredAll(options, ['target-dir'], { of }),
    ];
  });
}

function appendPort(cib: Element, bundle: Element, network: Element, options: Options): void {
  const suffix = options.get('port') ?? options.get('range') ?? '';
  const id = options.get('id') ?? uniqueId(cib, toId(`${bundle.id}-port-map-${suffix}`));
  network.append(
    new Element('port-mapping', [['id', id], ...[...options].filter(([name]) => name !== 'id')]),
  );
}

function appendStorage(cib: Element, bundle: Element, storage: Element, options: Options): void {
  const id = options.get('id') ?? idBelow(cib, bundle, 'storage-map');
  storage.append(
    new Element('storage-mapping', [['id', id], ...[...options].filter(([name]) => name !== 'id')]),
  );
}

/** Sets attributes; empty values remove. */
function setAttributes(element: Element, options: Options): void {
  for (const [name, value] of options) element.set(name, value === '' ? undefined : value);
}

export async function createBundle(environment: Environment, words: string[]): Promise<void> {
  const [id, ...rest] = words;
  if (id === undefined) throw new WrongUsage();
  const groups = readParts(rest);
  const container = wordsOf(groups, 'container');
  const type = container[0] !== undefined && !container[0].includes('=') ? container.shift()! : '';
  const wanted = readWanted(groups, container);
  const seconds = environment.waitSeconds();
  if (type === 'podman') await environment.requireSchema('3.2.0');
  const cib = await environment.cib();
  const { forced } = environment;
  environment.report(
    ...newId(cib, id, 'bundle name'),
    ...(CONTAINERS.includes(type)
      ? checkContainer(wanted.container, forced)
      : [error(`'${type}' is not a valid container type value, use ${quotedList(CONTAINERS)}`)]),
    ...checkNetwork(wanted.network, forced, false),
    ...checkPorts(cib, wanted.ports, forced),
    ...checkStorage(cib, wanted.storage, forced),
  );
  environment.stopOnErrors();
  const bundle = resourcesOf(cib).append(new Element('bundle', { id }));
  bundle.append(new Element(type, wanted.container));
  if (wanted.network.size > 0 || wanted.ports.length > 0) {
    const network = bundle.append(new Element('network', wanted.network));
    for (const port of wanted.ports) appendPort(cib, bundle, network, port);
  }
  if (wanted.storage.length > 0) {
    const storage = bundle.append(new Element('storage'));
    for (const each of wanted.storage) appendStorage(cib, bundle, storage, each);
  }
  appendSet(cib, bundle, 'meta_attributes', wanted.meta);
  await finish(environment, bundle, seconds, wanted.meta);
}

async function finish(
  environment: Environment,
  bundle: Element,
  seconds: number | null,
  meta: Options,
): Promise<void> {
  const cib = await environment.cib();
  const disabled = environment.has('--disabled');
  if (disabled) arrangeFirstSet(cib, bundle, 'meta_attributes', new Map([['target-role', 'Stopped']]));
  const stopped = disabled || meta.get('target-role')?.toLowerCase() === 'stopped';
  await environment.push();
  await waitFor(environment, seconds, [bundle.id], stopped ? 'stopped' : 'running');
}

function findBundle(
  environment: Environment,
  cib: Element,
  id: string,
): { bundle: Element; container: Element } {
  const bundle = resourcesOf(cib)
    .elements('bundle')
    .find((each) => each.id === id);
  if (!bundle) environment.fail(absence(cib, id, ['bundle']));
  const container = bundle.elements().find(({ name }) => CONTAINERS.includes(name));
  if (!container) {
    environment.report(
      error(
        `Bundle '${id}' uses unsupported container type, therefore it is not possible to set its container options. Supported container types are: ${quotedList(CONTAINERS)}`,
      ),
    );
    environment.stopOnErrors();
    throw new Error('unreachable');
  }
  return { bundle, container };
}

export async function resetBundle(environment: Environment, words: string[]): Promise<void> {
  const [id, ...rest] = words;
  if (id === undefined) throw new WrongUsage();
  const groups = readParts(rest);
  const wanted = readWanted(groups, wordsOf(groups, 'container'));
  const seconds = environment.waitSeconds();
  const cib = await environment.cib();
  const { bundle, container } = findBundle(environment, cib, id);
  const image = container.get('image') ?? '';
  container.attributes = new Map([['image', image]]);
  for (const name of ['network', 'storage']) {
    const element = bundle.first(name);
    if (!element) continue;
    element.attributes.clear();
    element.children = [];
  }
  for (const set of bundle.elements('meta_attributes')) set.children = [];
  const { forced } = environment;
  environment.report(
    ...checkContainer(wanted.container, forced),
    ...checkNetwork(wanted.network, forced, false),
    ...checkPorts(cib, wanted.ports, forced),
    ...checkStorage(cib, wanted.storage, forced),
  );
  environment.stopOnErrors();
  apply(cib, bundle, container, wanted);
  await finish(environment, bundle, seconds, wanted.meta);
}

/** Where `network` and `storage` belong: before the meta attributes and the resource. */
function part(bundle: Element, name: 'network' | 'storage'): Element {
  const existing = bundle.first(name);
  if (existing) return existing;
  const made = new Element(name);
  bundle.children.push(made);
  return made;
}

function apply(cib: Element, bundle: Element, container: Element, wanted: Wanted): void {
  setAttributes(container, wanted.container);
  if (wanted.network.size > 0 || wanted.ports.length > 0) {
    const network = part(bundle, 'network');
    setAttributes(network, wanted.network);
    for (const port of wanted.ports) appendPort(cib, bundle, network, port);
    if (network.attributes.size === 0 && network.children.length === 0 && wanted.ports.length === 0) {
      bundle.remove(network);
    }
  }
  if (wanted.storage.length > 0) {
    const storage = part(bundle, 'storage');
    for (const each of wanted.storage) appendStorage(cib, bundle, storage, each);
  }
  arrangeFirstSet(cib, bundle, 'meta_attributes', wanted.meta);
}

/** `port-map add OPTION... | port-map remove ID...` */
function readMaps(
  occurrences: readonly string[][],
  name: string,
): { add: Map<string, string>[]; remove: string[] } {
  const add: Map<string, string>[] = [];
  const remove: string[] = [];
  for (const [verb, ...rest] of occurrences) {
    if (verb === 'add' && rest.length > 0) add.push(readPairs(rest));
    else if ((verb === 'remove' || verb === 'delete') && rest.length > 0) remove.push(...rest);
    else {
      throw new WrongUsage(
        `When using '${name}' you must specify either 'add' and options or either of 'delete' or 'remove' and id(s)`,
      );
    }
  }
  return { add, remove };
}

export async function updateBundle(environment: Environment, words: string[]): Promise<void> {
  const [id, ...rest] = words;
  if (id === undefined) throw new WrongUsage();
  const groups = readParts(rest);
  const ports = readMaps(groups.get('port-map') ?? [], 'port-map');
  const storage = readMaps(groups.get('storage-map') ?? [], 'storage-map');
  const wanted: Wanted = {
    container: readPairs(wordsOf(groups, 'container')),
    network: readPairs(wordsOf(groups, 'network')),
    ports: ports.add,
    storage: storage.add,
    meta: readPairs(wordsOf(groups, 'meta')),
  };
  const seconds = environment.waitSeconds();
  const cib = await environment.cib();
  const { bundle, container } = findBundle(environment, cib, id);
  const { forced } = environment;
  environment.report(
    ...checkContainerUpdate(container, wanted.container, forced),
    ...checkNetworkUpdate(bundle, wanted.network, forced),
    ...checkPorts(cib, ports.add, forced),
    ...checkStorage(cib, storage.add, forced),
    ...missingMaps(cib, bundle, 'network', 'port-mapping', 'port-map', ports.remove),
    ...missingMaps(cib, bundle, 'storage', 'storage-mapping', 'storage-map', storage.remove),
  );
  environment.stopOnErrors();
  for (const [owner, ids] of [
    [bundle.first('network'), ports.remove],
    [bundle.first('storage'), storage.remove],
  ] as const) {
    for (const map of owner?.elements() ?? []) if (ids.includes(map.id)) owner!.remove(map);
  }
  apply(cib, bundle, container, wanted);
  await environment.push();
  await waitFor(environment, seconds, [id], 'any');
}

function checkContainerUpdate(container: Element, options: Options, forced: boolean): Finding[] {
  if (options.size === 0) return [];
  const removed = [...options].filter(([, value]) => value === '').map(([name]) => name);
  const how = { emptyIsFine: true };
  const both = (options.get('masters') ?? '') !== '' && (options.get('promoted-max') ?? '') !== '';
  const conflict = (name: string, other: string) =>
    options.get(name) && container.get(other) && options.get(other) !== ''
      ? [error(`Cannot set container option '${name}' because container option '${other}' is already set`)]
      : [];
  return [
    ...namesIn(options, [...CONTAINER_OPTIONS, ...removed], { of: 'container', forced }),
    ...valueNotEmpty(options, 'image', 'image name'),
    ...valueIsNonnegative(options, 'masters', how),
    ...valueIsNonnegative(options, 'promoted-max', how),
    ...valueIsPositive(options, 'replicas', how),
    ...valueIsPositive(options, 'replicas-per-host', how),
    ...(both ? exclusive(options, ['masters', 'promoted-max'], 'container') : []),
    ...oldMasters(options),
    ...conflict('masters', 'promoted-max'),
    ...conflict('promoted-max', 'masters'),
  ];
}

function checkNetworkUpdate(bundle: Element, options: Options, forced: boolean): Finding[] {
  const network = bundle.first('network');
  if (!network) return checkNetwork(options, forced, false);
  const inside = bundle.first('primitive');
  const after = (name: string) => options.get(name) ?? network.get(name) ?? '';
  const before = (network.get('control-port') ?? '') !== '' || (network.get('ip-range-start') ?? '') !== '';
  const findings: Finding[] = [];
  if (inside && before && after('control-port') === '' && after('ip-range-start') === '') {
    const text = `Resource '${inside.id}' will not be accessible by the cluster inside bundle '${bundle.id}', at least one of bundle options 'control-port' or 'ip-range-start' has to be specified`;
    findings.push(forceable(text, forced));
  }
  return [...findings, ...checkNetwork(options, forced, true)];
}

function missingMaps(
  cib: Element,
  bundle: Element,
  owner: string,
  tag: string,
  name: string,
  ids: readonly string[],
): Finding[] {
  const present =
    bundle
      .first(owner)
      ?.elements(tag)
      .map(({ id }) => id) ?? [];
  return ids
    .filter((id) => !present.includes(id))
    .map((id) =>
      error(
        idExists(cib, id)
          ? `'${id}' is not a ${name}`
          : `there is no ${name} '${id}' in the bundle '${bundle.id}'`,
      ),
    );
}
