import { byKeyword, readPairs, wordsOf } from '../../grammar/pcs/arguments.js';
import { WrongUsage } from '../../grammar/pcs/mistake.js';
import { Element } from '../cib/element.js';
import { newId } from './checks.js';
import { type Environment, sectionOf } from './environment.js';
import { error, forceable } from './refusal.js';
import { absence, arrangeFirstSet, firstSetValues, idExists, sortedByName, uniqueId } from './tree.js';

/** `pcs alert ...` */

interface Words {
  readonly main: Map<string, string>;
  readonly options: Map<string, string>;
  readonly meta: Map<string, string>;
}

/** `NAME=VALUE... [options OPTION=VALUE...] [meta OPTION=VALUE...]` */
function readWords(words: readonly string[], allowed: readonly string[]): Words {
  const groups = byKeyword(words, ['options', 'meta'], { first: 'main', once: true });
  const main = readPairs(wordsOf(groups, 'main'));
  for (const [name, value] of main) {
    if (!allowed.includes(name)) throw new WrongUsage(`Unexpected parameter '${name}=${value}'`);
  }
  return { main, options: readPairs(wordsOf(groups, 'options')), meta: readPairs(wordsOf(groups, 'meta')) };
}

function setSets(cib: Element, owner: Element, { options, meta }: Words): void {
  arrangeFirstSet(cib, owner, 'instance_attributes', options);
  arrangeFirstSet(cib, owner, 'meta_attributes', meta);
}

function setDescription(element: Element, description: string | undefined): void {
  if (description !== undefined) element.set('description', description === '' ? undefined : description);
}

function findAlert(environment: Environment, cib: Element, id: string): Element {
  const found = cib
    .at('configuration', 'alerts')
    ?.elements('alert')
    .find((alert) => alert.id === id);
  if (!found) environment.fail(absence(cib, id, ['alert']));
  return found;
}

function findRecipient(cib: Element, id: string): { alert: Element; recipient: Element } | undefined {
  for (const alert of cib.at('configuration', 'alerts')?.elements('alert') ?? []) {
    const recipient = alert.elements('recipient').find((each) => each.id === id);
    if (recipient) return { alert, recipient };
  }
  return undefined;
}

export async function createAlert(environment: Environment, words: string[]): Promise<void> {
  if (words.length === 0) throw new WrongUsage();
  const read = readWords(words, ['id', 'description', 'path']);
  const path = read.main.get('path') ?? '';
  if (path === '') environment.fail("required option 'path' is missing");
  const cib = await environment.cib();
  const id = read.main.get('id') || undefined;
  if (id !== undefined) environment.stopOn(...newId(cib, id, 'alert-id').slice(0, 1));
  const description = read.main.get('description') || undefined;
  const alert = new Element('alert', {
    id: id ?? uniqueId(cib, 'alert'),
    path,
    ...(description === undefined ? {} : { description }),
  });
  sectionOf(cib, 'alerts').append(alert);
  setSets(cib, alert, read);
  await environment.push();
}

export async function updateAlert(environment: Environment, words: string[]): Promise<void> {
  const [id, ...rest] = words;
  if (id === undefined) throw new WrongUsage();
  const read = readWords(rest, ['description', 'path']);
  const cib = await environment.cib();
  const alert = findAlert(environment, cib, id);
  const path = read.main.get('path');
  if (path) alert.set('path', path);
  setDescription(alert, read.main.get('description'));
  setSets(cib, alert, read);
  await environment.push();
}

export async function removeAlerts(environment: Environment, words: string[]): Promise<void> {
  if (words.length === 0) throw new WrongUsage();
  const cib = await environment.cib();
  const section = sectionOf(cib, 'alerts');
  for (const id of words) {
    const alert = section.elements('alert').find((each) => each.id === id);
    if (alert) section.remove(alert);
    else environment.report(error(absence(cib, id, ['alert'])));
  }
  environment.stopOnErrors();
  await environment.push();
}

function checkRecipientValue(environment: Environment, alert: Element, value: string, own: string): void {
  const taken = alert.elements('recipient').some((each) => each.get('value') === value && each.id !== own);
  if (!taken) return;
  const text = `Recipient '${value}' in alert '${alert.id}' already exists`;
  environment.report(forceable(text, environment.forced));
  environment.stopOnErrors();
}

export async function addRecipient(environment: Environment, words: string[]): Promise<void> {
  const [alertId, ...rest] = words;
  if (alertId === undefined || rest.length === 0) throw new WrongUsage();
  const read = readWords(rest, ['description', 'id', 'value']);
  const value = read.main.get('value') ?? '';
  if (value === '') environment.fail("required option 'value' is missing");
  const cib = await environment.cib();
  const id = read.main.get('id');
  if (id !== undefined && idExists(cib, id)) environment.fail(`'${id}' already exists`);
  const recipientId = id ?? uniqueId(cib, `${alertId}-recipient`);
  const alert = findAlert(environment, cib, alertId);
  checkRecipientValue(environment, alert, value, '');
  const description = read.main.get('description') || undefined;
  const recipient = alert.append(
    new Element('recipient', {
      id: recipientId,
      value,
      ...(description === undefined ? {} : { description }),
    }),
  );
  setSets(cib, recipient, read);
  await environment.push();
}

export async function updateRecipient(environment: Environment, words: string[]): Promise<void> {
  const [id, ...rest] = words;
  if (id === undefined) throw new WrongUsage();
  const read = readWords(rest, ['description', 'value']);
  const value = read.main.get('value');
  if (value === '') environment.fail(`Recipient value '' is not valid.`);
  const cib = await environment.cib();
  const found = findRecipient(cib, id);
  if (!found) environment.fail(absence(cib, id, ['recipient']));
  if (value !== undefined) {
    checkRecipientValue(environment, found.alert, value, id);
    found.recipient.set('value', value);
  }
  setDescription(found.recipient, read.main.get('description'));
  setSets(cib, found.recipient, read);
  await environment.push();
}

export async function removeRecipients(environment: Environment, words: string[]): Promise<void> {
  if (words.length === 0) throw new WrongUsage();
  const cib = await environment.cib();
  for (const id of words) {
    const found = findRecipient(cib, id);
    if (found) found.alert.remove(found.recipient);
    else environment.report(error(absence(cib, id, ['recipient'])));
  }
  environment.stopOnErrors();
  await environment.push();
}

function details(element: Element): string[] {
  const pairs = (set: 'instance_attributes' | 'meta_attributes') =>
    sortedByName(firstSetValues(element, set))
      .map(([name, value]) => `${name}=${value.includes(' ') ? `"${value}"` : value}`)
      .join(' ');
  const lines: string[] = [];
  const description = element.get('description');
  if (description) lines.push(`Description: ${description}`);
  const options = pairs('instance_attributes');
  if (options !== '') lines.push(`Options: ${options}`);
  const meta = pairs('meta_attributes');
  if (meta !== '') lines.push(`Meta options: ${meta}`);
  return lines;
}

export function alertLines(cib: Element): string[] {
  const alerts = cib.at('configuration', 'alerts')?.elements('alert') ?? [];
  if (alerts.length === 0) return ['Alerts:', ' No alerts defined'];
  return [
    'Alerts:',
    ...alerts.flatMap((alert) => {
      const recipients = alert
        .elements('recipient')
        .flatMap((recipient) => [
          `Recipient: ${recipient.id} (value=${recipient.get('value') ?? ''})`,
          ...details(recipient).map((line) => ` ${line}`),
        ]);
      const content = [
        ...details(alert),
        ...(recipients.length > 0 ? ['Recipients:', ...recipients.map((line) => ` ${line}`)] : []),
      ];
      return [` Alert: ${alert.id} (path=${alert.get('path') ?? ''})`, ...content.map((line) => `  ${line}`)];
    }),
  ];
}

export async function showAlerts(environment: Environment, words: string[]): Promise<void> {
  if (words.length > 0) throw new WrongUsage();
  environment.print(alertLines(await environment.cib()).join('\n'));
}
