import type { Element } from '../../cib/element.js';
import type { ConnectionError } from '../../connection/connection.js';
import { Configuration } from '../../language/configuration.js';
import { Reports } from '../../language/report.js';
import type { Session } from '../session.js';
import type { ConfigureCopy } from './configure-copy.js';

/** What became of a commit whose answer never came. */
export type Fate =
  | 'arrived'
  /** The cluster has what it had before: it may be sent again. */
  | 'lost'
  /** The cluster cannot be asked, or has a third thing; said to the person. */
  | 'unknown';

/**
 * Finds out, through whichever host answers now, whether a commit has arrived whose connection was lost: the host that
 * took it may have died before or after it passed it on.
 */
export async function fateOf(session: Session, copy: ConfigureCopy, lost: ConnectionError): Promise<Fate> {
  session.warning(`${lost.message}: looking up whether the commit has arrived`);
  const opened = await session.connect();
  if (!opened.ok) {
    session.failure(opened.error);
    session.error('it is not known whether the commit has arrived; what you have edited is kept');
    return 'unknown';
  }
  const now = await opened.value.readCib();
  if (!now.ok) {
    session.failure(now.error);
    session.error('it is not known whether the commit has arrived; what you have edited is kept');
    return 'unknown';
  }
  const changed = new Set([
    ...copy.configuration.changedObjects().map(({ type, id }) => `${type}:${id}`),
    ...copy.configuration.removedObjects(),
  ]);
  const mine = texts(copy.configuration, changed);
  const theirs = texts(configurationOf(now.value), changed);
  if (mine === theirs) return 'arrived';
  if (theirs === texts(configurationOf(copy.original), changed)) return 'lost';
  session.error(
    'others have changed the same meanwhile; "refresh" takes the cluster\'s version, "commit force" yours',
  );
  return 'unknown';
}

function configurationOf(cib: Element): Configuration {
  return new Configuration(cib, { reports: new Reports() });
}

/** What a configuration says about objects, `TYPE:ID` each. */
function texts(configuration: Configuration, keys: ReadonlySet<string>): string {
  const found = configuration.objects().filter(({ type, id }) => keys.has(`${type}:${id}`));
  return found.length === 0 ? '' : configuration.show(found, { sort: true });
}
