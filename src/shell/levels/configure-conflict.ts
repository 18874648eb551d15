import { parseXml, XmlError } from '../../cib/xml.js';
import type { ConnectionError } from '../../connection/connection.js';
import { Configuration } from '../../language/configuration.js';
import { Reports } from '../../language/report.js';
import type { Session } from '../session.js';
import type { ConfigureCopy } from './configure-copy.js';

/**
 * Shows what stands against a commit: for every object that someone else changed and the session changed too, the
 * text before, theirs and ours. Nothing is overwritten.
 */
export function sayConflict(session: Session, copy: ConfigureCopy, error: ConnectionError): void {
  session.error(error.message);
  const data = error.answer?.data as { cib?: string } | undefined;
  if (data?.cib === undefined) return;
  let theirs: Configuration;
  try {
    theirs = new Configuration(parseXml(data.cib), { reports: new Reports() });
  } catch (broken) {
    if (broken instanceof XmlError) return;
    throw broken;
  }
  const base = new Configuration(copy.original, { reports: new Reports() });
  const keys = new Set(
    [base, theirs, copy.configuration].flatMap((one) =>
      one.objects().map(({ type, id }) => `${type}\0${id}`),
    ),
  );
  const textIn = (configuration: Configuration, key: string) => {
    const [type, id] = key.split('\0');
    const found = configuration.objects().filter((object) => object.type === type && object.id === id);
    return found.length === 0 ? '' : configuration.show(found);
  };
  for (const key of keys) {
    const [before, other, own] = [base, theirs, copy.configuration].map((one) => textIn(one, key));
    if (before === other || before === own || other === own) continue;
    session.print(
      [
        `--- ${key.replace('\0', ' ')}`,
        ...section('before', before!),
        ...section('committed meanwhile', other!),
        ...section('yours', own!),
      ].join('\n'),
    );
  }
  session.info('"refresh" takes the cluster\'s version, "commit force" yours');
}

function section(title: string, text: string): string[] {
  return [
    `  ${title}:`,
    ...(text === '' ? ['    (not there)'] : text.split('\n').map((line) => `    ${line}`)),
  ];
}
