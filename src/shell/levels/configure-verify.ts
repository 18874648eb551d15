import type { Element } from '../../cib/element.js';
import type { Session } from '../session.js';

/** Checks that a valid document still makes a cluster that could run: says what is wrong. */
export function verifyConfiguration(session: Session, cib: Element): boolean {
  const configuration = cib.first('configuration');
  const properties = configuration?.first('crm_config')?.elements('cluster_property_set') ?? [];
  const option = (name: string) =>
    properties
      .flatMap((set) => set.elements('nvpair'))
      .find((pair) => pair.get('name') === name)
      ?.get('value');
  const resources = [...(configuration?.first('resources')?.descendants() ?? [])];
  const primitives = resources.filter(({ name }) => name === 'primitive');
  const templates = new Map(resources.filter(({ name }) => name === 'template').map((one) => [one.id, one]));
  const fencing = primitives.some(
    (one) => (one.get('class') ?? templates.get(one.get('template') ?? '')?.get('class')) === 'stonith',
  );
  const enabled = !/^(n|no|false|off|0)$/i.test(
    option('stonith-enabled') ?? option('stonith_enabled') ?? 'true',
  );
  if (primitives.length > 0 && enabled && !fencing) {
    session.error('Resource start-up disabled since no STONITH resources have been defined');
    session.error('Either configure some or disable STONITH with the stonith-enabled option');
    session.error('NOTE: Clusters with shared data need STONITH to ensure data integrity');
    return false;
  }
  return true;
}
