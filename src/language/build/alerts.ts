import type { AlertPart, Statement } from '../../../grammar/crm/ast.js';
import type { Element } from '../../cib/element.js';
import { set } from './attribute-sets.js';
import { type BuildContext, make } from './context.js';

export function alert(source: Statement & { kind: 'alert' }, context: BuildContext): Element {
  const recipients = { count: 0 };
  return make(
    'alert',
    { id: source.id, path: source.path, description: source.description },
    source.parts.flatMap((part) => alertPart(part, source.id, recipients, context)),
  );
}

function alertPart(
  part: AlertPart,
  alert: string,
  recipients: { count: number },
  context: BuildContext,
): Element[] {
  if (part.type === 'set') return [set(part, context)];
  if (part.type === 'select') {
    if (part.selectors.length === 0) return [];
    const children = part.selectors.map(({ name, attributes = [] }) =>
      make(
        `select_${name}`,
        {},
        attributes.map((attribute) => make('attribute', { name: attribute })),
      ),
    );
    return [make('select', {}, children)];
  }
  recipients.count += 1;
  return [
    make(
      'recipient',
      { id: `${alert}-recipient-${recipients.count}`, value: part.value, description: part.description },
      part.sets.map((one) => set(one, context)),
    ),
  ];
}
