import type { Element } from '../../cib/element.js';
import { writeCibJson } from '../../cib/json.js';
import { writeXml } from '../../cib/xml.js';
import { documentOf } from '../../language/document.js';
import { selectObjects } from '../../language/filter.js';
import { globMatch } from '../../language/glob.js';
import { MASK } from '../../language/mask.js';
import type { CibObject } from '../../language/objects.js';
import type { Command } from '../command.js';
import { showPaged } from '../pager.js';
import type { Session } from '../session.js';
import { type ConfigureCopy, openCopy } from './configure-copy.js';

export type Format = 'crm' | 'xml' | 'json';

const FORMATS: ReadonlySet<string> = new Set<Format>(['crm', 'xml', 'json']);

/** Takes the format's word off a selection; says so and answers undefined where there is no such format. */
export function formatOf(
  session: Session,
  words: readonly string[],
): { format: Format; words: readonly string[] } | undefined {
  const [first, ...others] = words;
  const asked = /^--format(?:=(.*))?$/s.exec(first ?? '');
  if (!asked) {
    return first === 'xml' || first === 'json' ? { format: first, words: others } : { format: 'crm', words };
  }
  const [format = '', ...selection] = asked[1] === undefined ? others : [asked[1], ...others];
  if (FORMATS.has(format)) return { format: format as Format, words: selection };
  session.error(
    `${format === '' ? '--format needs a format' : `no format ${format}`}: there are crm, xml and json`,
  );
  return undefined;
}

/** Which values are hidden: patterns given with `obscure:`, else those of option `core.obscure_pattern`. */
function maskOf(
  session: Session,
  given: readonly string[],
): (name: string | undefined, value: string) => string {
  const option = session.options.get('core.obscure_pattern');
  const patterns = given.length > 0 ? given : option.split(/[\s|]+/).filter((pattern) => pattern !== '');
  return (name, value) =>
    name !== undefined && patterns.some((pattern) => globMatch(pattern, name)) ? MASK : value;
}

/** Objects in one of the formats; `mask` hides values. */
export function formatObjects(
  copy: ConfigureCopy,
  objects: readonly CibObject[],
  format: Format,
  options: {
    mask?: (name: string | undefined, value: string) => string;
    sort?: boolean;
    extended?: boolean;
    ids?: boolean;
  } = {},
): string {
  const { mask } = options;
  if (format === 'crm') {
    return copy.configuration.show(objects, {
      ...(mask ? { shown: mask } : {}),
      ...(options.sort === undefined ? {} : { sort: options.sort }),
      extended: options.extended ?? false,
      ids: options.ids ?? false,
    });
  }
  const document = documentOf(copy.configuration, objects);
  if (mask) maskValues(document, mask);
  if (format === 'json') return writeCibJson(document);
  return `<?xml version="1.0" ?>\n${writeXml(document)}`;
}

function maskValues(document: Element, mask: (name: string | undefined, value: string) => string): void {
  for (const element of document.descendants()) {
    const value = element.name === 'nvpair' ? element.get('value') : undefined;
    if (value !== undefined) element.set('value', mask(element.get('name'), value));
  }
}

export const show: Command['run'] = async (env, args) => {
  const copy = await openCopy(env.session);
  if (!copy) return 'failed';
  const given = args
    .filter((word) => word.startsWith('obscure:'))
    .map((word) => word.slice('obscure:'.length));
  const flags = new Set<string>(args.filter((word) => word === '--ids' || word === '--text'));
  const asked = formatOf(
    env.session,
    args.filter((word) => !word.startsWith('obscure:') && !flags.has(word)),
  );
  if (!asked) return 'failed';
  const { format, words } = asked;
  const objects = selectObjects(copy.configuration, words);
  if (!objects) {
    // As crmsh does: a document without objects, for programs that read one in any case.
    if (format === 'xml') env.session.print(formatObjects(copy, [], format));
    copy.say();
    return 'failed';
  }
  if (format === 'crm') await copy.learnShownTypes();
  const sort = env.session.options.is('core.sort_elements');
  const text = formatObjects(copy, objects, format, {
    mask: maskOf(env.session, given),
    sort,
    extended: flags.size > 0,
    ids: flags.has('--ids'),
  });
  if (text !== '') await showPaged(env.session, text);
  return 'done';
};

export const getProperty: Command['run'] = async (env, args) => {
  const { session } = env;
  const copy = await openCopy(session);
  if (!copy) return 'failed';
  const { clusterOptions } = await import('../../language/cluster-options.js');
  const names = args.filter((word) => word !== '-t' && word !== '--true');
  const truth = names.length < args.length;
  if (names.length === 0) {
    const { columns } = await import('../columns.js');
    session.print(columns([...clusterOptions.keys()].sort(), 3));
    return 'done';
  }
  for (const name of names) {
    const value = copy.configuration.property(name) ?? clusterOptions.get(name)?.default;
    if (value !== undefined) {
      session.print(truth ? String(/^(y|yes|true|on|1)$/i.test(value)) : value);
    } else if (truth) session.print('false');
    else {
      session.error(`configure.get_property: ${name}: Property not set`);
      return 'failed';
    }
  }
  return 'done';
};

/** One line an object: id, where it comes from, whether it was changed, its container. */
export const objects: Command['run'] = async (env) => {
  const copy = await openCopy(env.session);
  if (!copy) return 'failed';
  const changed = new Set(copy.configuration.changedObjects().map(({ element }) => element));
  for (const { type, id, element, container } of copy.configuration.objects()) {
    env.session.print(
      `${`${type}:${id}`.padEnd(32)} ${changed.has(element) ? 'changed' : ''} ${container?.id ?? ''}`.trimEnd(),
    );
  }
  return 'done';
};

/** The words that mean something in statements. */
export const keywords: Command['run'] = async (env) => {
  const { KEYWORDS } = await import('../../../grammar/crm/tokens.js');
  for (const word of [...KEYWORDS.keys()].sort()) env.session.print(word);
  return 'done';
};
