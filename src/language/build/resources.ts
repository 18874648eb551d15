import type { BundlePart, Operation, Operations, Statement } from '../../../grammar/crm/ast.js';
import type { Element } from '../../cib/element.js';
import { ELEMENT_OF_STATEMENT } from '../objects.js';
import { nvpair, set } from './attribute-sets.js';
import { type BuildContext, CHILD_REFERENCE, make } from './context.js';
import { canonical, role } from './roles.js';

export function primitive(
  source: Statement & { kind: 'primitive' | 'rsc_template' },
  context: BuildContext,
): Element {
  const name = source.kind === 'primitive' ? 'primitive' : 'template';
  const agent = source.agent === undefined ? undefined : agentParts(source.agent, context);
  const { id, template, description } = source;
  const children = source.parts.map((part) =>
    part.type === 'set' ? set(part, context) : operations(part, context),
  );
  return make(name, { id, template, ...agent, description }, children);
}

/** A group or a clone. */
export function collection(
  source: Statement & { kind: 'group' | 'clone' | 'ms' },
  context: BuildContext,
): Element {
  return make(ELEMENT_OF_STATEMENT[source.kind]!, { id: source.id, description: source.description }, [
    ...source.sets.map((one) => set(one, context)),
    ...source.children.map((id) => make(CHILD_REFERENCE, { id })),
  ]);
}

export function bundle(source: Statement & { kind: 'bundle' }, context: BuildContext): Element {
  const element = make('bundle', { id: source.id, description: source.description });
  for (const part of source.parts) {
    if (part.type === 'set') element.append(set(part, context));
    else if (part.type === 'primitive') element.append(make(CHILD_REFERENCE, { id: part.id }));
    else bundlePart(element, part);
  }
  return element;
}

function bundlePart(element: Element, part: BundlePart): void {
  const existing = element.first(part.type);
  if (existing) element.remove(existing);
  const container = existing ?? make(part.type);
  for (const { name, value } of part.values) if (name !== undefined) container.set(name, value ?? '');
  for (const mapping of part.mappings) {
    const child = container.append(make(mapping.name));
    for (const { name, value } of mapping.values) if (name !== undefined) child.set(name, value ?? '');
  }
  element.append(container);
}

/** `[class:[provider:]]type` taken apart; undefined after the reason was reported. */
function agentParts(
  spec: string,
  context: Pick<BuildContext, 'providers' | 'reports'>,
): { class: string; provider?: string; type: string } | undefined {
  const words = spec.split(':');
  const type = words.at(-1)!;
  const className = words.length === 1 ? 'ocf' : words[0]!;
  let provider = words.length === 3 ? words[1]! : '';
  if (words.length > 3 || type === '') {
    context.reports.error('agent', `bad resource type specification ${spec}`, spec);
    return undefined;
  }
  if (words.length < 3 && className === 'ocf') provider = preferredProvider(context.providers(type));
  if (className === 'ocf' && provider === '') {
    context.reports.error('agent', `provider could not be determined for ${spec}`, spec);
    return undefined;
  }
  if (className !== 'ocf' && provider !== '') {
    context.reports.warning('agent', `ra class ${className} does not support providers`);
  }
  return provider === '' ? { class: className, type } : { class: className, provider, type };
}

/** The provider meant by a bare type: `heartbeat` if it offers it or nobody does, then `pacemaker`, then the first. */
export function preferredProvider(providers: readonly string[]): string {
  if (providers.length === 0 || providers.includes('heartbeat')) return 'heartbeat';
  return providers.includes('pacemaker') ? 'pacemaker' : providers[0]!;
}

function operations(source: Operations, context: BuildContext): Element {
  return make(
    'operations',
    { id: source.id, 'id-ref': source.idRef },
    source.operations.map((one) => operation(one, context)),
  );
}

function operation(source: Operation, context: BuildContext): Element {
  const element = make('op', { name: source.name });
  const values = [...source.values];
  if (!values.some((pair) => pair.name === 'interval')) values.push({ name: 'interval', value: '0' });
  let parameters: Element | undefined;
  for (const pair of values) {
    const { name } = pair;
    if (name !== undefined && context.schema.operationAttributes.has(name)) {
      if (parameters) {
        context.reports.error(
          'attribute-order',
          `Attribute order error: ${name} must appear before any instance attribute`,
          `${name}=${pair.value ?? ''}`,
        );
      }
      if (pair.value === undefined) {
        context.reports.error('operation-value', `${name} of the operation ${source.name} has no value`);
      }
      element.set(name, name === 'role' ? role(pair.value ?? '', context) : (pair.value ?? ''));
    } else {
      parameters ??= element.append(make('instance_attributes'));
      parameters.append(nvpair(pair, context));
    }
  }
  for (const one of source.sets) element.append(set(one, context));
  return element;
}

/** The operation of a `monitor` statement, which names its resource. */
export function monitorOperation(source: Statement & { kind: 'monitor' }, context: BuildContext): Element {
  const known = source.role === undefined ? undefined : canonical(source.role, context.schema.roles);
  if (source.role !== undefined && known === undefined && !/^\d+$/.test(source.role)) {
    context.reports.error('role', `Invalid role '${source.role}' for resource '${source.resource}'`);
  }
  return make('op', {
    name: 'monitor',
    role: known,
    rsc: source.resource,
    interval: source.interval === '' ? undefined : source.interval,
    timeout: source.timeout,
  });
}
