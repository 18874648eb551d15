import { findContradictions } from '../../cib/contradictions.js';
import type { Element } from '../../cib/element.js';
import { type SchemaComplaint, validateSchema } from '../../cib/schema/validate.js';
import { schemaVersion } from '../../cib/schema/versions.js';
import type { Configuration } from '../../language/configuration.js';
import type { CibObject } from '../../language/objects.js';
import { checkObject, checkUniqueness, type SemanticContext } from '../../language/semantics.js';
import type { Command } from '../command.js';
import type { Session } from '../session.js';
import { type ConfigureCopy, openCopy } from './configure-copy.js';

/** How the document breaks its schema; nothing where the schema is not one that is validated. */
export function schemaComplaints(cib: Element): SchemaComplaint[] {
  const version = schemaVersion(cib.get('validate-with') ?? '');
  return version === undefined ? [] : validateSchema(cib, version);
}

/** The judgement of the schema and of the objects with this property; reports are said. */
export async function checkObjects(
  session: Session,
  copy: ConfigureCopy,
  configuration: Configuration,
  which: (object: CibObject) => boolean,
): Promise<boolean> {
  // Without anybody to correct it, a text is judged when it is committed.
  if (!session.world.interactive || session.options.get('core.check_frequency') !== 'always') return true;
  return semanticCheck(session, copy, configuration, which);
}

async function semanticCheck(
  session: Session,
  copy: ConfigureCopy,
  configuration: Configuration,
  which: (object: CibObject) => boolean,
): Promise<boolean> {
  const objects = configuration.objects().filter(which);
  const { agentsKnown } = await import('./configure-agents.js');
  const known = await agentsKnown(session);
  if (known) {
    const wholes = objects.flatMap((object) =>
      object.type === 'primitive' || object.type === 'rsc_template'
        ? (configuration.withTemplate(object.element) ?? [])
        : [],
    );
    await copy.learnAgents(wholes);
  }
  const { clusterOptions } = await import('../../language/cluster-options.js');
  const context: SemanticContext = {
    metadata: (primitive) => {
      const agent = known ? copy.metadataOf(primitive) : undefined;
      return agent === null && session.options.is('core.ignore_missing_metadata') ? undefined : agent;
    },
    strict: session.options.get('core.check_mode') === 'strict',
    clusterOptions: new Set(clusterOptions.keys()),
  };
  let ok = true;
  for (const object of [...objects].sort((a, b) => (a.id < b.id ? -1 : 1))) {
    ok = checkObject(object, configuration, context) && ok;
  }
  checkUniqueness(configuration, new Set(objects.map(({ id }) => id)), context);
  const balancers = objects.flatMap(({ element }) => (element.get('type') === 'ldirectord' ? [element] : []));
  if (balancers.length > 0) (await import('./configure-ldirectord.js')).warnOfFiles(session, balancers);
  return ok;
}

/** Schema and semantics of the working copy; with `changedOnly` the semantics of what changed. */
export async function verifyCopy(
  session: Session,
  copy: ConfigureCopy,
  changedOnly: boolean,
): Promise<boolean> {
  const { configuration } = copy;
  const complaints = schemaComplaints(configuration.cib);
  for (const { message } of complaints) session.error(message);
  let ok = complaints.length === 0;
  for (const { message } of findContradictions(configuration.cib)) session.warning(message);
  if (ok) {
    const { verifyConfiguration } = await import('./configure-verify.js');
    ok = verifyConfiguration(session, configuration.cib);
  }
  if (session.options.get('core.check_frequency') !== 'never') {
    const changed = new Set(configuration.changedObjects().map(({ element }) => element));
    const sound = await semanticCheck(session, copy, configuration, (object) =>
      changedOnly ? changed.has(object.element) : true,
    );
    copy.say();
    ok = sound && ok;
  }
  return ok;
}

export const verify: Command['run'] = async (env) => {
  const copy = await openCopy(env.session);
  if (!copy) return 'failed';
  return (await verifyCopy(env.session, copy, false)) ? 'done' : 'failed';
};
