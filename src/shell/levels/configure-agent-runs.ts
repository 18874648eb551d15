import type { CibObject } from '../../language/objects.js';
import { runAgent } from '../agents/run-agent.js';
import type { Command } from '../command.js';
import { type ConfigureCopy, openCopy } from './configure-copy.js';

/** Calls the agent's validate-all with a resource's parameters. */
export const validateAll: Command['run'] = async (env, [id]) => {
  const { session } = env;
  const copy = await openCopy(session);
  if (!copy) return 'failed';
  const object = copy.configuration.find(id!);
  if (object?.type !== 'primitive') {
    session.error(object ? `Not a primitive: ${id}` : `Not found: ${id}`);
    return 'failed';
  }
  const whole = copy.configuration.withTemplate(object.element);
  if (!whole) {
    session.error(`No resource template ${object.element.get('template')} for ${id}`);
    return 'failed';
  }
  const run = await runAgent(copy.configuration.cib, object.element, 'validate', session.world.environment);
  if (run.output !== '') session.print(run.output);
  if (run.errors !== '') session.message(run.status === 0 ? 'warning' : 'error', run.errors);
  if (run.status !== 0) session.error(`${id}: validate-all ended with ${run.status} (${run.meaning})`);
  return run.status === 0 ? 'done' : 'failed';
};

/** Starts, probes and stops resources on this machine, in order; they must not be running. */
export const rsctest: Command['run'] = async (env, args) => {
  const { session } = env;
  const copy = await openCopy(session);
  if (!copy) return 'failed';
  const chosen = resourcesAndNodes(copy, args);
  if (typeof chosen === 'string') {
    session.error(chosen);
    return 'failed';
  }
  const { nodeName } = session;
  const elsewhere = chosen.nodes.filter((node) => node !== nodeName);
  for (const node of elsewhere)
    session.warning(`${node}: resources are tested on ${nodeName} only; run it there`);
  if (chosen.nodes.length > 0 && !chosen.nodes.includes(nodeName)) return 'failed';
  const test = (object: CibObject, operation: string) =>
    runAgent(copy.configuration.cib, object.element, operation, session.world.environment);
  for (const object of chosen.resources) {
    const probe = await test(object, 'monitor');
    if (probe.status === 7) continue;
    session.error(`${object.id}: must be stopped, but monitor says ${probe.meaning}`);
    return 'failed';
  }
  const started: CibObject[] = [];
  let ok = true;
  for (const object of chosen.resources) {
    for (const operation of ['start', 'monitor']) {
      const run = await test(object, operation);
      session.info(`${object.id} ${operation} on ${nodeName}: ${run.meaning}`);
      if (operation === 'start') started.push(object);
      if (run.status === 0) continue;
      session.error(`${object.id}: ${operation} ended with ${run.status} (${run.meaning})`);
      ok = false;
      break;
    }
    if (!ok) break;
  }
  for (const object of started.reverse()) {
    const run = await test(object, 'stop');
    session.info(`${object.id} stop on ${nodeName}: ${run.meaning}`);
    if (run.status !== 0) ok = false;
  }
  return ok ? 'done' : 'failed';
};

/** Resources first, then nodes; a container stands for its primitives. */
function resourcesAndNodes(
  copy: ConfigureCopy,
  ids: readonly string[],
): { resources: CibObject[]; nodes: string[] } | string {
  const resources: CibObject[] = [];
  const nodes: string[] = [];
  for (const id of ids) {
    const object = copy.configuration.find(id);
    if (!object) return `element ${id} does not exist`;
    if (object.type === 'node') nodes.push(object.element.get('uname') ?? id);
    else if (nodes.length > 0) return `rsctest: ${id} stands after a node`;
    else {
      resources.push(
        ...copy.configuration
          .objects()
          .filter(({ type, element }) => type === 'primitive' && isWithin(element, object)),
      );
    }
  }
  return resources.length === 0 ? 'specify at least one resource' : { resources, nodes };
}

function isWithin(element: CibObject['element'], object: CibObject): boolean {
  for (const each of object.element.descendants()) if (each === element) return true;
  return false;
}
