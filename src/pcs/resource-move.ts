import { WrongUsage } from '../../grammar/pcs/mistake.js';
import type { Element } from '../cib/element.js';
import type { Environment } from './environment.js';
import { error, type Finding } from './refusal.js';
import { activeNodes, isManaged, type RunningState, runningState, stateText } from './state.js';
import { runTool } from './tools.js';
import {
  elementsWithId,
  findResource,
  isClone,
  isStonith,
  metaIsTrue,
  type Place,
  RESOURCE_TAGS,
} from './tree.js';
import { kindNames, quotedList } from './words.js';

/** `pcs resource move`, `move-with-constraint`, `ban`, `clear`. */

interface Request {
  readonly id: string;
  readonly node: string | undefined;
  readonly lifetime: string | undefined;
}

/** `ID [NODE] [lifetime=DURATION]` */
function readRequest(words: readonly string[], verb: string): Request {
  const [id, ...rest] = words;
  if (id === undefined) throw new WrongUsage(`must specify a resource to ${verb}`);
  if (words.length > 3) throw new WrongUsage();
  let node: string | undefined;
  let lifetime: string | undefined;
  for (const word of rest) {
    if (word.startsWith('lifetime=')) {
      if (lifetime) throw new WrongUsage();
      lifetime = word.split('=')[1] ?? '';
      if (/^\d/.test(lifetime)) lifetime = `P${lifetime}`;
    } else if (node === undefined) node = word;
    else throw new WrongUsage();
  }
  return { id, node, lifetime };
}

/** The promotable clone that a resource is or is in. */
function promotableOf(place: Place): Element | undefined {
  return [place.element, ...place.parents.slice(0, 2)].find(
    (element) => element.name === 'master' || (element.name === 'clone' && metaIsTrue(element, 'promotable')),
  );
}

function onlyPromotable(promotable: Element | undefined): string {
  const which = promotable ? ` (${promotable.id})` : '';
  return `when specifying --promoted you must use the promotable clone id${which}`;
}

function stonithNote(element: Element): Finding[] {
  if (!isStonith(element)) return [];
  const text =
    'Ability of this command to accept stonith device is deprecated and will be removed in a future release.';
  return [{ severity: 'deprecation', text }];
}

function checkMove(place: Place, promoted: boolean): Finding[] {
  const { element } = place;
  const findings = stonithNote(element);
  if (element.name === 'bundle') return [...findings, error('cannot move bundle resources')];
  const promotable = promotableOf(place);
  const cloned = [element, ...place.parents.slice(0, 2)].some(isClone);
  if (cloned && !promotable) return [...findings, error('cannot move cloned resources')];
  if (!promoted && promotable && promotable !== element) {
    findings.push(
      error(`to move promotable clone resources you must use the promotable clone id (${promotable.id})`),
    );
  } else if (promoted && promotable !== element) findings.push(error(onlyPromotable(promotable)));
  return findings;
}

function checkBan(place: Place, promoted: boolean): Finding[] {
  const promotable = promotableOf(place);
  const findings = stonithNote(place.element);
  if (promoted && promotable !== place.element) findings.push(error(onlyPromotable(promotable)));
  return findings;
}

function missingResource(cib: Element, id: string): Finding {
  const other = elementsWithId(cib, id)[0];
  return error(
    other
      ? `'${id}' is not ${kindNames(RESOURCE_TAGS, true)}`
      : `${kindNames(RESOURCE_TAGS)} '${id}' does not exist`,
  );
}

function missingNode(cib: Element, node: string | undefined): Finding[] {
  if (node === undefined) return [];
  const nodes = cib.at('configuration', 'nodes')?.elements('node') ?? [];
  const guests = [...cib.descendants()].some(
    (element) =>
      (element.name === 'nvpair' && element.get('name') === 'remote-node' && element.get('value') === node) ||
      (element.name === 'primitive' && element.get('type') === 'remote' && element.id === node),
  );
  if (guests || nodes.some((each) => (each.get('uname') ?? each.id) === node)) return [];
  return [error(`Node '${node}' does not appear to exist in configuration`)];
}

/** What crm_resource said, without what only helps its own users. */
function toolText(out: string, err: string): string {
  return [out, err]
    .map((text) => text.trim())
    .filter((text) => text !== '')
    .join('\n');
}

async function crmResource(environment: Environment, words: readonly string[]) {
  const { crmResource: tool } = await import('../cluster-tools/crm-resource.js');
  return runTool(environment, 'crm_resource', tool, words);
}

async function apply(
  environment: Environment,
  verb: 'move' | 'ban',
  { id, node, lifetime }: Request,
): Promise<void> {
  const promoted = environment.has('--promoted') || environment.has('--master');
  const seconds = environment.waitSeconds();
  const cib = await environment.cib();
  const place = findResource(cib, id);
  const findings = place
    ? verb === 'move'
      ? checkMove(place, promoted)
      : checkBan(place, promoted)
    : [missingResource(cib, id)];
  environment.report(...findings, ...missingNode(cib, node));
  environment.stopOnErrors();
  const before = runningState(environment, cib, id);
  const run = await crmResource(environment, [
    `--${verb}`,
    '--resource',
    id,
    ...(node === undefined ? [] : ['--node', node]),
    ...(promoted ? ['--promoted'] : []),
    ...(lifetime === undefined ? [] : ['--lifetime', lifetime]),
  ]);
  if (run.status !== 0) {
    if (run.err.includes(`Resource '${id}' not moved: active in 0 locations`)) {
      environment.fail('You must specify a node when moving/banning a stopped resource');
    }
    environment.fail([`cannot ${verb} resource '${id}'`, toolText(run.out, run.err)].join('\n'));
  }
  const said = toolText(run.out, run.err);
  if (verb === 'move' && node !== undefined && said === '') {
    environment.warn(
      `A move constraint has been created and the resource '${id}' may or may not move depending on other configuration`,
    );
  }
  const kept = withoutHints(said);
  if (kept !== '') environment.say(kept);
  if (seconds === null) return;
  await environment.waitForCluster(seconds);
  const after = runningState(environment, await environment.cib(), id);
  const good = verb === 'move' ? wasMoved(node, before, after) : wasBanned(node, before, after);
  environment.report({ severity: good ? 'info' : 'error', text: stateText(id, after) });
  environment.stopOnErrors();
}

/** crm_resource's warning is worded for its own users. */
function withoutHints(text: string): string {
  return text
    .replaceAll('WARNING: Creating rsc_location constraint', 'Warning: Creating location constraint')
    .replaceAll(' using the clear option or by editing the CIB with an appropriate tool', '');
}

function wasMoved(node: string | undefined, before: RunningState, after: RunningState): boolean {
  const now = activeNodes(after);
  if (before.size === 0) return true;
  const same = JSON.stringify([...before]) === JSON.stringify([...after]);
  return now.length > 0 && (node === undefined || now.includes(node)) && !same;
}

function wasBanned(node: string | undefined, before: RunningState, after: RunningState): boolean {
  const now = activeNodes(after);
  const banned = node === undefined ? activeNodes(before) : [node];
  return !banned.some((each) => now.includes(each)) && !(before.size > 0 && now.length === 0);
}

export async function moveWithConstraint(environment: Environment, words: string[]): Promise<void> {
  await apply(environment, 'move', readRequest(words, 'move'));
}

export async function ban(environment: Environment, words: string[]): Promise<void> {
  await apply(environment, 'ban', readRequest(words, 'ban'));
}

export async function clear(environment: Environment, words: string[]): Promise<void> {
  const [id, node, more] = words;
  if (id === undefined) throw new WrongUsage('must specify a resource to clear');
  if (more !== undefined) throw new WrongUsage();
  const promoted = environment.has('--promoted') || environment.has('--master');
  const seconds = environment.waitSeconds();
  const cib = await environment.cib();
  const place = findResource(cib, id);
  environment.report(...(place ? checkBan(place, promoted) : [missingResource(cib, id)]));
  environment.stopOnErrors();
  const run = await crmResource(environment, [
    '--clear',
    '--resource',
    id,
    ...(node === undefined ? [] : ['--node', node]),
    ...(promoted ? ['--promoted'] : []),
    ...(environment.has('--expired') ? ['--expired'] : []),
  ]);
  const said = toolText(run.out, run.err);
  if (run.status !== 0) environment.fail([`cannot clear resource '${id}'`, said].join('\n'));
  if (said !== '') environment.say(said);
  if (seconds === null) return;
  await environment.waitForCluster(seconds);
  environment.say(stateText(id, runningState(environment, await environment.cib(), id)));
}

/** Moves, waits, and takes the constraint away again. */
export async function move(environment: Environment, words: string[]): Promise<void> {
  const [id, node, more] = words;
  if (id === undefined) throw new WrongUsage('must specify a resource to move');
  if (node?.startsWith('lifetime=')) {
    environment.deprecated("Option 'lifetime' has been removed. See 'man pcs' -> Changes in pcs-0.11.");
  }
  if (more !== undefined) throw new WrongUsage();
  if (environment.has('--autodelete')) {
    environment.deprecated(
      "Option '--autodelete' is deprecated. There is no need to use it as its functionality is default now.",
    );
  }
  const promoted = environment.has('--promoted') || environment.has('--master');
  const seconds = environment.waitSeconds() ?? 0;
  const cib = await environment.cib();
  const place = findResource(cib, id);
  environment.report(
    ...(place ? checkMove(place, promoted) : [missingResource(cib, id)]),
    ...missingNode(cib, node),
  );
  environment.stopOnErrors();
  const before = runningState(environment, cib, id);
  if (isManaged(environment, cib, id) === false) environment.fail(`'${id}' is unmanaged`);
  if (activeNodes(before).length === 0) {
    environment.fail(
      `It is not possible to move resource '${id}' as it is not running at the moment, use 'pcs resource move-with-constraint' or 'pcs constraint location' commands instead`,
    );
  }
  const { planMove } = await import('./move-plan.js');
  const plan = await planMove(environment, cib, { id, node, promoted });
  if (plan.kind === 'nothing') {
    environment.say('No action necessary, requested change would have no effect');
    return;
  }
  if (plan.kind === 'refused') environment.fail(plan.text);
  if (environment.has('--strict') && plan.others.length > 0) {
    const word = plan.others.length > 1 ? 'resources' : 'resource';
    environment.fail(`Moving resource '${id}' affects ${word}: ${quotedList(plan.others)}`);
  }
  const target = [...(node === undefined ? [] : ['--node', node]), ...(promoted ? ['--promoted'] : [])];
  const moved = await crmResource(environment, ['--move', '--resource', id, ...target]);
  if (moved.status !== 0) {
    environment.fail([`cannot move resource '${id}'`, toolText(moved.out, moved.err)].join('\n'));
  }
  environment.say(`Location constraint to move resource '${id}' has been created`);
  await environment.waitForCluster(seconds);
  const arrived = runningState(environment, await environment.freshCib(), id);
  if (!wasMoved(node, before, arrived)) {
    environment.fail(
      `Unable to move resource '${id}' using a location constraint. Current location of the resource may be affected by some other constraint.`,
    );
  }
  const cleared = await crmResource(environment, ['--clear', '--resource', id, ...target]);
  if (cleared.status !== 0) {
    environment.fail([`cannot clear resource '${id}'`, toolText(cleared.out, cleared.err)].join('\n'));
  }
  environment.say(`Location constraint created to move resource '${id}' has been removed`);
  await environment.waitForCluster(seconds);
  const after = runningState(environment, await environment.freshCib(), id);
  const good = wasMoved(node, before, after);
  environment.report({ severity: good ? 'info' : 'error', text: stateText(id, after) });
  environment.stopOnErrors();
}
