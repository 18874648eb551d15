import type { Element } from '../../cib/element.js';
import type { CibObject } from '../../language/objects.js';
import { runAgent } from '../agents/run-agent.js';
import type { Command } from '../command.js';
import { nodeNames } from '../edits/nodes.js';
import type { Session } from '../session.js';
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
  const run = await runAgent(session, session.nodeName, copy.configuration.cib, object.element, 'validate');
  if (run.output !== '') session.print(run.output);
  if (run.errors !== '') session.message(run.status === 0 ? 'warning' : 'error', run.errors);
  if (run.status !== 0) session.error(`${id}: validate-all ended with ${run.status} (${run.meaning})`);
  return run.status === 0 ? 'done' : 'failed';
};

/** Starts, probes and stops resources, on one node after the other (all nodes unless some are named); they must not be running. */
export const rsctest: Command['run'] = async (env, args) => {
  const { session } = env;
  const copy = await openCopy(session);
  if (!copy) return 'failed';
  const chosen = resourcesAndNodes(copy, args);
  if (typeof chosen === 'string') {
    session.error(chosen);
    return 'failed';
  }
  const { cib } = copy.configuration;
  const all = nodeNames(cib);
  const nodes = chosen.nodes.length > 0 ? chosen.nodes : all.length > 0 ? all : [session.nodeName];
  for (const node of nodes) {
    for (const object of chosen.resources) {
      const probe = await runAgent(session, node, cib, object.element, 'monitor');
      if (probe.status === 7) continue;
      session.error(`${object.id}: must be stopped, but monitor on ${node} says ${probe.meaning}`);
      return 'failed';
    }
  }
  let ok = true;
  for (const node of nodes) ok = (await testOn(session, node, cib, chosen.resources)) && ok;
  return ok ? 'done' : 'failed';
};

/** Starts and probes resources in order, and stops them in the other; false where one of it failed. */
async function testOn(
  session: Session,
  node: string,
  cib: Element,
  resources: readonly CibObject[],
): Promise<boolean> {
  const started: CibObject[] = [];
  let ok = true;
  for (const object of resources) {
    for (const operation of ['start', 'monitor']) {
      const run = await runAgent(session, node, cib, object.element, operation);
      session.info(`${object.id} ${operation} on ${node}: ${run.meaning}`);
      if (operation === 'start') started.push(object);
      if (run.status === 0) continue;
      session.error(`${object.id}: ${operation} on ${node} ended with ${run.status} (${run.meaning})`);
      ok = false;
      break;
    }
    if (!ok) break;
  }
  for (const object of started.reverse()) {
    const run = await runAgent(session, node, cib, object.element, 'stop');
    session.info(`${object.id} stop on ${node}: ${run.meaning}`);
    if (run.status !== 0) ok = false;
  }
  return ok;
}

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
