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
  const pairs = (values: readonly (readonly [string, string | undefined])[]) =>
    values.flatMap(([name, value]) => (value === undefined ? [] : [new Element('nvpair', { name, value })]));
  const meta = new Element(
    'meta_attributes',
    { id: `${id}-meta_attributes` },
    pairs([
      ['internal_rsc', 'true'],
      ['container', options.containerId],
      ['allow-migrate', options.allowMigrate],
      ['is-managed', options.isManaged],
    ]),
  );
  const parameters = new Element(
    'instance_attributes',
    { id: `${id}-instance_attributes` },
    pairs([
      ['addr', options.server],
      ['port', options.port],
    ]),
  );
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
