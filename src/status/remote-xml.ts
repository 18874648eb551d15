import { Element } from '../cib/element.js';

export interface ConnectionOptions {
  readonly containerId?: string | undefined;
  readonly allowMigrate?: string | undefined;
  readonly isManaged?: string | undefined;
  readonly startTimeout?: string | undefined;
  readonly server?: string | undefined;
  readonly port?: string | undefined;
}

/** The connection resource that a guest node or a bundle implies. */
export function remoteConnectionXml(id: string, options: ConnectionOptions): Element {
  const set = (kind: string, values: readonly (readonly [string, string | undefined])[]) => {
    const setId = `${id}-${kind}`;
    const pairs = values.flatMap(([name, value]) =>
      value === undefined ? [] : [new Element('nvpair', { id: `${setId}-${name}`, name, value })],
    );
    return new Element(kind, { id: setId }, pairs);
  };
  const meta = set('meta_attributes', [
    ['internal_rsc', 'true'],
    ['container', options.containerId],
    ['allow-migrate', options.allowMigrate],
    ['is-managed', options.isManaged],
  ]);
  const parameters = set('instance_attributes', [
    ['addr', options.server],
    ['port', options.port],
  ]);
  const operations = [
    new Element('op', { id: `${id}-monitor-30s`, interval: '30s', name: 'monitor', timeout: '30s' }),
  ];
  if (options.startTimeout !== undefined) {
    operations.push(
      new Element('op', { id: `${id}-start-0`, interval: '0', name: 'start', timeout: options.startTimeout }),
    );
  }
  return new Element('primitive', { id, class: 'ocf', provider: 'pacemaker', type: 'remote' }, [
    meta,
    ...(parameters.children.length > 0 ? [parameters] : []),
    new Element('operations', [], operations),
  ]);
}
