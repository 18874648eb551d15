import { aclsApply, mayChange, permissionsOf, readable, type Subject } from './acl.js';
import type { CivilTime } from './civil-time.js';
import { sameTree } from './diff.js';
import { emptyCib } from './document.js';
import { Element } from './element.js';
import { applyPatch } from './patch.js';
import { add, expandSums, findDescribed, increment, isPresent, mergeFirst, replaceChild } from './update.js';
import {
  afterConfigurationChange,
  afterStatusChange,
  compareCibVersions,
  compareVersions,
  FEATURE_SET,
  readVersion,
} from './version.js';
import { nodePath, XPathDocument, XPathError, type XPathNode } from './xpath.js';

/** What a CIB can be asked or told: the operations of `cibadmin`. */
export interface Request {
  readonly operation:
    | 'query'
    | 'create'
    | 'modify'
    | 'replace'
    | 'delete'
    | 'erase'
    | 'bump'
    | 'patch'
    | 'upgrade';
  /** Name of a section, or an XPath where `xpath` says so; absent: the whole CIB. */
  readonly scope?: string | undefined;
  readonly xpath?: boolean | undefined;
  readonly input?: Element | undefined;
  /** Of several matches of an XPath, take all. */
  readonly all?: boolean | undefined;
  /** `modify` makes what is not there. */
  readonly allowCreate?: boolean | undefined;
  /** `query` leaves out children. */
  readonly noChildren?: boolean | undefined;
  /** `query` answers with paths. */
  readonly paths?: boolean | undefined;
}

/** Why an operation failed: names of Pacemaker's return codes. */
export type OperationFailure =
  | 'EINVAL'
  | 'ENXIO'
  | 'EEXIST'
  | 'EACCES'
  | 'EPROTONOSUPPORT'
  | 'old_data'
  | 'diff_failed'
  | 'diff_resync'
  | 'schema_validation'
  | 'schema_unchanged'
  | 'transform_failed';

export type OperationOutcome =
  | {
      readonly ok: true;
      /** The CIB afterwards: another tree than before, where anything was written. */
      readonly cib: Element;
      /** What a query found. */
      readonly output?: Element | undefined;
    }
  | {
      readonly ok: false;
      readonly failure: OperationFailure;
      /** The document that was refused, for `schema_validation`; the failed updates, for `EEXIST`. */
      readonly output?: Element | undefined;
    };

export interface OperationSurroundings {
  readonly now: CivilTime;
  /** Who asks; absent: one who may do anything. */
  readonly subject?: Subject | undefined;
  /** Whether a document obeys its schema. */
  readonly validate: (cib: Element) => boolean;
  /** Brings a document to the newest schema. */
  readonly upgrade?: (cib: Element) => UpgradeOutcome;
}

export type UpgradeOutcome =
  | { readonly ok: true; readonly cib: Element }
  | { readonly ok: false; readonly failure: 'schema_validation' | 'schema_unchanged' | 'transform_failed' };

/** Sections that can be named as scope, by where they are. */
const TOP_SECTIONS = ['status', 'configuration'];
const CONFIGURATION_SECTIONS = [
  'crm_config',
  'nodes',
  'resources',
  'constraints',
  'op_defaults',
  'rsc_defaults',
  'acls',
  'fencing-topology',
  'tags',
  'alerts',
];

/** The element that a scope names; undefined where the section is missing. What is no section names the root. */
export function findScope(cib: Element, scope: string | undefined): Element | undefined {
  if (scope !== undefined && TOP_SECTIONS.includes(scope)) return cib.first(scope);
  return scope !== undefined && CONFIGURATION_SECTIONS.includes(scope) ? cib.at('configuration', scope) : cib;
}

/** Carries out an operation. The given document stays as it is. */
export function perform(
  cib: Element,
  request: Request,
  surroundings: OperationSurroundings,
): OperationOutcome {
  const { now, subject } = surroundings;
  const guarded = subject !== undefined && aclsApply(cib, subject.user, now);
  const permissions = guarded ? permissionsOf(cib, subject) : [];
  try {
    if (request.operation === 'query') {
      const visible = guarded ? readable(cib, permissions) : cib;
      if (!visible) return { ok: false, failure: 'EACCES' };
      const output = query(visible, request);
      return output ? { ok: true, cib, output } : { ok: false, failure: 'ENXIO' };
    }
    const nothingAllowed = guarded && permissions.length === 0;
    const written = write(cib, request, surroundings, nothingAllowed);
    const appended = written instanceof Appended;
    const after = appended ? written.cib : written;
    if (typeof after === 'string') return { ok: false, failure: after };
    if (after instanceof Refused) return { ok: false, failure: after.failure, output: after.output };
    const wholesale = !['modify', 'create', 'delete', 'bump'].includes(request.operation);
    if (guarded && !mayChange(cib, after, permissions, wholesale)) return { ok: false, failure: 'EACCES' };
    return settle(cib, after, request, surroundings, appended);
  } catch (error) {
    if (!(error instanceof XPathError)) throw error;
    return request.operation === 'delete' ? { ok: true, cib } : { ok: false, failure: 'ENXIO' };
  }
}

function query(cib: Element, request: Request): Element | undefined {
  const shallow = (element: Element) => new Element(element.name, element.attributes);
  if (!request.xpath) {
    const found = findScope(cib, request.scope);
    return found && request.noChildren ? shallow(found) : found;
  }
  const found = selectOwners(cib, request.scope ?? '');
  if (found.length === 0) return undefined;
  if (request.noChildren) {
    return found.length === 1
      ? shallow(found[0]!.element!)
      : new Element(
          'xpath-query',
          {},
          found.map((node) => shallow(node.element!)),
        );
  }
  if (request.paths) {
    return new Element(
      'xpath-query',
      {},
      found.map((node) => new Element('xpath-query-path', { id: nodePath(node) })),
    );
  }
  return found.length === 1
    ? found[0]!.element
    : new Element(
        'xpath-query',
        {},
        found.map((node) => node.element!.clone()),
      );
}

/** A failure that comes with what was refused. */
class Refused {
  readonly failure: OperationFailure;
  readonly output: Element;

  constructor(failure: OperationFailure, output: Element) {
    this.failure = failure;
    this.output = output;
  }
}

/** A `modify` that had nothing to change and appended its input: Pacemaker counts that as a change of status. */
class Appended {
  readonly cib: Element;

  constructor(cib: Element) {
    this.cib = cib;
  }
}

function failedUpdate(addition: Element, reason: string): Element {
  return new Element('failed', {}, [
    new Element(
      'failed_update',
      {
        ...(addition.get('id') === undefined ? {} : { id: addition.id }),
        object_type: addition.name,
        operation: 'cib_create',
        reason,
      },
      [addition.clone()],
    ),
  ]);
}

/** What an XPath selects; an attribute stands for its element. */
function selectOwners(cib: Element, xpath: string): XPathNode[] {
  return new XPathDocument(cib).select(xpath).flatMap((node) => {
    if (node.kind === 'attribute') return [node.parent!];
    return node.kind === 'element' ? [node] : [];
  });
}

/** The document that an operation makes, before its version is counted up. */
function write(
  cib: Element,
  request: Request,
  surroundings: OperationSurroundings,
  nothingAllowed: boolean,
): Element | OperationFailure | Refused | Appended {
  const { operation } = request;
  let { scope, input } = request;
  if (operation === 'erase') {
    const empty = emptyCib();
    for (const [name, value] of cib.attributes) empty.set(name, value);
    increment(empty, 'admin_epoch');
    return empty;
  }
  if (operation === 'upgrade') {
    const outcome = surroundings.upgrade?.(cib.clone()) ?? { ok: false, failure: 'schema_unchanged' };
    if (!outcome.ok) return outcome.failure;
    increment(outcome.cib, 'admin_epoch');
    outcome.cib.set('epoch', '1').set('num_updates', '1');
    return outcome.cib;
  }
  const copy = cib.clone();
  if (operation === 'bump') {
    increment(copy, 'epoch');
    return copy;
  }
  if (operation === 'patch') {
    // Whatever is no patch of format 2 changes nothing (format 1 is not supported).
    if (input?.get('format') !== '2') return copy;
    const outcome = applyPatch(copy, input, { strictDelete: false });
    if (outcome.ok) return copy;
    if (outcome.failure === 'old-data') return 'old_data';
    return outcome.failure === 'resync' ? 'diff_resync' : 'diff_failed';
  }
  if (request.xpath && operation === 'create') {
    // Theirs takes a path for the name of a section that it does not know: the CIB itself.
    if (!input) return 'EINVAL';
    add(copy, input);
    return copy;
  }
  if (request.xpath) return writeByXPath(copy, request);
  if (scope !== undefined && input?.name === 'cib') input = findScope(input, scope);
  if (!input) return 'EINVAL';
  if (scope === 'all' || (operation === 'create' && scope === 'cib')) scope = undefined;
  if (operation === 'replace') return replace(copy, scope, input);
  if (operation === 'delete') {
    const root = findScope(copy, scope);
    if (!root) return copy;
    for (const description of input.name === scope ? input.elements() : [input]) {
      const found = findDescribed(root, description, true);
      if (found) found.parent.remove(found.element);
    }
    return copy;
  }
  if (operation === 'create' && scope !== undefined && input.name !== 'cib') {
    const root = findScope(copy, scope);
    for (const addition of input.name === scope ? input.elements() : [input]) {
      if (!root) return new Refused('EINVAL', failedUpdate(addition, 'Invalid argument'));
      if (isPresent(root, addition)) return new Refused('EEXIST', failedUpdate(addition, 'File exists'));
      if (nothingAllowed) return new Refused('EACCES', failedUpdate(addition, 'Permission denied'));
      add(root, addition);
    }
    return copy;
  }
  if (operation === 'create' && input.name === 'cib') scope = undefined;
  let root = findScope(copy, scope);
  if (!root) {
    if (scope === undefined || ![...TOP_SECTIONS, ...CONFIGURATION_SECTIONS].includes(scope)) return 'EINVAL';
    const parent = TOP_SECTIONS.includes(scope) ? copy : copy.first('configuration');
    if (!parent) return 'EINVAL';
    root = parent.append(new Element(scope));
  }
  if (!mergeFirst(root, input)) {
    if (!request.allowCreate) return 'ENXIO';
    root.append(input.clone());
    return new Appended(copy);
  }
  return copy;
}

function writeByXPath(cib: Element, request: Request): Element | OperationFailure {
  const { operation, input } = request;
  const found = selectOwners(cib, request.scope ?? '');
  if (found.length === 0) return operation === 'delete' ? cib : 'ENXIO';
  const gone = new Set<Element>();
  for (const node of found) {
    const element = node.element!;
    const parent = node.parent?.element;
    if (operation === 'delete') {
      if (!parent) return 'EINVAL';
      if (!gone.has(element)) parent.remove(element);
      for (const below of element.descendants()) gone.add(below);
      if (!request.all) break;
      continue;
    }
    if (operation === 'replace') {
      if (!parent) return 'EINVAL';
      parent.remove(element);
      if (input) parent.append(input.clone());
    } else if (!input || !mergeFirst(element, input)) {
      return 'ENXIO';
    }
    if (!request.all) break;
  }
  return cib;
}

function replace(cib: Element, scope: string | undefined, input: Element): Element | OperationFailure {
  if (input.name === 'cib') {
    if (compareCibVersions(readVersion(input), readVersion(cib)) < 0) return 'old_data';
    const replacement = input.clone();
    replacement.ensure('status');
    return replacement;
  }
  const root = findScope(cib, input.name === scope ? undefined : scope);
  const found = root && findDescribed(root, input, false);
  if (!found) return 'ENXIO';
  replaceChild(found.parent, found.element, input);
  return cib;
}

/**
 * A document without elements that hold nothing at all. Where such ones are all that was created or modified,
 * Pacemaker does not count the version up.
 */
function withoutHollow(element: Element): Element {
  const children = element.children
    .map((child) => (child.kind === 'element' ? withoutHollow(child) : child))
    .filter((child) => child.kind !== 'element' || child.attributes.size > 0 || child.children.length > 0);
  return new Element(element.name, element.attributes, children);
}

/** Counts up the version, and sees whether the result may be. */
function settle(
  before: Element,
  after: Element,
  request: Request,
  surroundings: OperationSurroundings,
  appended: boolean,
): OperationOutcome {
  const featureSet = after.get('crm_feature_set');
  if (featureSet !== undefined && compareVersions(featureSet, FEATURE_SET) > 0) {
    return { ok: false, failure: 'EPROTONOSUPPORT' };
  }
  for (const element of after.descendants()) {
    element.children = element.children.filter((child) => child.kind !== 'text');
  }
  expandSums(after);
  const was = readVersion(before);
  const is = readVersion(after);
  const backwards =
    is.adminEpoch < was.adminEpoch || (is.adminEpoch === was.adminEpoch && is.epoch < was.epoch);
  if (backwards) return { ok: false, failure: 'old_data' };
  const merged = !appended && (request.operation === 'create' || request.operation === 'modify');
  const [old, present] = merged ? [withoutHollow(before), withoutHollow(after)] : [before, after];
  if (!sameTree(old, present)) {
    const configuration = (cib: Element) => cib.first('configuration') ?? new Element('configuration');
    const changed = !appended && !sameTree(configuration(old), configuration(present));
    const next = changed ? afterConfigurationChange(is) : afterStatusChange(is);
    after.set('num_updates', String(next.numUpdates));
    if (changed) after.set('epoch', String(next.epoch));
  }
  if (after.get('validate-with') === undefined) after.set('validate-with', 'none');
  const valid = request.scope === 'status' || surroundings.validate(after);
  return valid ? { ok: true, cib: after } : { ok: false, failure: 'schema_validation', output: after };
}
