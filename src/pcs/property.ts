import { onlyOnce, readPairs } from '../../grammar/pcs/arguments.js';
import { WrongUsage } from '../../grammar/pcs/mistake.js';
import { Element } from '../cib/element.js';
import { clusterOptions } from '../language/cluster-options.js';
import { checkAdditions } from './additions.js';
import {
  namesIn,
  type Options,
  type ValueCheck,
  valueIn,
  valueIsBoolean,
  valueIsSomeInteger,
  valueIsTime,
} from './checks.js';
import { type Environment, sectionOf, timeoutSeconds } from './environment.js';
import { error, type Finding } from './refusal.js';
import { putPairs, uniqueId } from './tree.js';
import { byCodePoint } from './words.js';

/** `pcs property ...`: the cluster's options. */

/** What the cluster itself sets. */
const READ_ONLY = [
  'cluster-infrastructure',
  'cluster-name',
  'dc-version',
  'have-watchdog',
  'last-lrm-refresh',
];
const NOT_LISTED = ['dc-version', 'cluster-infrastructure', 'last-lrm-refresh'];

const known = [...clusterOptions.values()].filter(({ name }) => !READ_ONLY.includes(name));

function percentage(options: Options, name: string, how: ValueCheck): Finding[] {
  const value = options.get(name);
  if (value === undefined || /^\d+%$/.test(value)) return [];
  const text = `'${value}' is not a valid ${name} value, use a non-negative integer followed by '%' (e.g. 0%, 50%, 200%, ...)`;
  return [how.forced ? { severity: 'warning', text } : { severity: 'error', text, force: '--force' }];
}

/** What is wrong with the values of properties. */
function checkValues(options: Options, forced: boolean): Finding[] {
  const findings: Finding[] = [];
  for (const { name, type, values } of known) {
    if (!options.has(name)) continue;
    const how = { forced };
    if (type === 'boolean') findings.push(...valueIsBoolean(options, name, how));
    else if (type === 'integer' || type === 'score') findings.push(...valueIsSomeInteger(options, name, how));
    else if (type === 'percentage') findings.push(...percentage(options, name, how));
    else if (type === 'select' && name !== 'fence-reaction') {
      findings.push(...valueIn(options, name, values, how));
    } else if (type === 'time') {
      findings.push(...valueIsTime(options, name, name === 'stonith-watchdog-timeout' ? {} : how));
    }
  }
  return findings;
}

/** Sets properties; an empty value removes. All of it or nothing. */
async function setProperties(environment: Environment, properties: Options): Promise<void> {
  const cib = await environment.cib();
  const section = sectionOf(cib, 'crm_config');
  const set =
    section.first('cluster_property_set') ??
    section.append(new Element('cluster_property_set', { id: uniqueId(cib, 'cib-bootstrap-options') }));
  const present = set.elements('nvpair').map((pair) => pair.get('name') ?? '');
  const { forced } = environment;
  const setting = new Map([...properties].filter(([, value]) => value !== ''));
  const removing = [...properties].filter(([, value]) => value === '').map(([name]) => name);
  const names = known.map(({ name }) => name);
  const readOnly = [...properties.keys()].filter((name) => READ_ONLY.includes(name));
  const others = new Map(
    [...properties].filter(
      ([name, value]) =>
        !(value === '' && !READ_ONLY.includes(name) && !names.includes(name)) && !READ_ONLY.includes(name),
    ),
  );
  environment.report(
    ...checkAdditions({
      container: 'property set',
      id: set.id,
      item: 'property',
      add: [...setting.keys()],
      remove: removing,
      present: [...present, ...setting.keys()].filter((name) => !setting.has(name)),
      forced,
    }),
    ...namesIn(others, names, { of: 'cluster property', forced }),
    ...namesIn(new Map(readOnly.map((name) => [name, ''])), names, { of: 'cluster property' }),
    ...checkValues(setting, forced),
    ...checkWatchdogTimeout(properties, present),
  );
  environment.stopOnErrors();
  putPairs(cib, set, properties);
  await environment.push();
}

/** Without a watchdog service, a node that must be down cannot be waited for that way. */
function checkWatchdogTimeout(properties: Options, present: readonly string[]): Finding[] {
  const value = properties.get('stonith-watchdog-timeout');
  if (value === undefined || (value === '' && !present.includes('stonith-watchdog-timeout'))) return [];
  if (value === '' || timeoutSeconds(value) === null || timeoutSeconds(value) === 0) return [];
  return [error('stonith-watchdog-timeout can only be unset or set to 0 while SBD is disabled')];
}

export async function set(environment: Environment, words: string[]): Promise<void> {
  if (words.length === 0) throw new WrongUsage();
  const node = environment.value('--node');
  if (node !== undefined) {
    const { setAttributes } = await import('./node-attributes.js');
    return setAttributes(environment, node, words);
  }
  await setProperties(environment, readPairs(words));
}

export async function unset(environment: Environment, words: string[]): Promise<void> {
  if (words.length === 0) throw new WrongUsage();
  const node = environment.value('--node');
  if (node !== undefined) {
    const { setAttributes } = await import('./node-attributes.js');
    return setAttributes(
      environment,
      node,
      words.map((name) => `${name}=`),
    );
  }
  if (!environment.forced) onlyOnce(words);
  await setProperties(environment, new Map(words.map((name) => [name, ''])));
}

/** Values of all property sets, later ones winning. */
export function configuredProperties(cib: Element): Map<string, string> {
  const properties = new Map<string, string>();
  for (const element of cib.at('configuration', 'crm_config')?.descendants() ?? []) {
    if (element.name === 'nvpair') properties.set(element.get('name') ?? '', element.get('value') ?? '');
  }
  return properties;
}

function defaults(): Map<string, string> {
  return new Map(
    [...clusterOptions.values()]
      .filter(({ name }) => !NOT_LISTED.includes(name))
      .map((option) => [option.name, option.default ?? '']),
  );
}

export async function show(environment: Environment, words: string[]): Promise<void> {
  const [name, more] = words;
  if (more !== undefined) throw new WrongUsage();
  const all = environment.has('--all');
  const onlyDefaults = environment.has('--defaults');
  if (all && onlyDefaults) environment.fail('you cannot specify both --all and --defaults');
  if ((all || onlyDefaults) && name !== undefined) {
    environment.fail('you cannot specify a property when using --all or --defaults');
  }
  let properties = all || onlyDefaults ? defaults() : new Map<string, string>();
  if (!onlyDefaults) {
    const configured = [...configuredProperties(await environment.cib())].filter(
      ([key]) => name === undefined || key === name,
    );
    properties = new Map([...properties, ...configured]);
  }
  environment.print('Cluster Properties:');
  if (properties.size > 0) {
    for (const [key, value] of [...properties].sort(([a], [b]) => byCodePoint(a, b))) {
      environment.print(` ${key}: ${value}`);
    }
  } else if (name !== undefined && defaults().has(name)) {
    environment.print(` ${name}: ${defaults().get(name)}`);
  }
}
