import type { Statement } from '../../grammar/crm/ast.js';
import { printStatement } from '../../grammar/crm/print.js';
import { Element } from '../cib/element.js';
import type { BuildContext } from './build/context.js';
import { preferredProvider } from './build/resources.js';
import { type DescribeContext, describe } from './describe.js';
import { maskValues } from './mask.js';
import { mergeParts } from './merge.js';
import { ObjectIndex } from './object-index.js';
import { type CibObject, inShowOrder, isChildResource, isContainer } from './objects.js';
import { rawText } from './raw-text.js';
import type { Reports } from './report.js';
import { isRepresentable } from './representable.js';
import { sanitized } from './sanitize.js';
import { type SchemaFacts, schemaFacts } from './schema-facts.js';

/** What the configuration's text and meaning depend on outside the CIB. */
export interface ConfigurationOptions {
  readonly reports: Reports;
  /** Providers that offer an OCF agent of this type; the default knows none. */
  readonly providers?: (type: string) => readonly string[];
  /** Option `core.OCF_1_1_SUPPORT`. */
  readonly upgradeRoles?: boolean;
  /** The resource runs and is managed, so it cannot be deleted or renamed. */
  readonly isRunning?: (id: string) => boolean;
  /** Corrects parameter names as the agent spells them (`foo-bar` for `foo_bar`). */
  readonly parameterNames?: (primitive: Element) => readonly string[] | undefined;
  /** Unknown ids may be deleted (`--force`). */
  readonly force?: boolean;
}

export interface ShowOptions {
  /** `line`: one line an object, without comments. */
  readonly layout?: 'lines' | 'line';
  /** Masks values. */
  readonly shown?: DescribeContext['shown'];
  /** By id within a kind; true unless given. */
  readonly sort?: boolean;
  /** Also in words that crmsh does not have, rather than as `xml`. */
  readonly extended?: boolean;
  /** Sets, values and rules are shown with their ids. */
  readonly ids?: boolean;
}

/**
 * A configuration as its objects and their text. What is shown is what is in the tree: changes are made by those who
 * extend it.
 */
export abstract class ConfigurationView {
  /** The whole document with the edits. */
  cib: Element;
  readonly options: ConfigurationOptions;
  protected readonly index = new ObjectIndex(() => this.cib);

  constructor(cib: Element, options: ConfigurationOptions) {
    this.cib = sanitized(cib);
    this.options = options;
  }

  /** Objects made or changed since the document was read. */
  abstract changedObjects(): CibObject[];

  get reports(): Reports {
    return this.options.reports;
  }

  get schema(): SchemaFacts {
    return schemaFacts(this.cib.get('validate-with'));
  }

  // --- looking -----------------------------------------------------------------------------------------------------

  objects(): readonly CibObject[] {
    return this.index.all();
  }

  protected touch(): void {
    this.index.touch();
  }

  /** Objects with this id (nodes also by name); shell wildcards match. */
  findAll(id: string): CibObject[] {
    return this.index.findAll(id);
  }

  /** The object with this id; of a node and something else that share it, the other. */
  find(id: string): CibObject | undefined {
    const found = this.findAll(id);
    return found.find((object) => object.type !== 'node') ?? found[0];
  }

  /** The object with this id that is no node. */
  findResource(id: string): CibObject | undefined {
    return this.findAll(id).find((object) => object.type !== 'node');
  }

  findNode(id: string): CibObject | undefined {
    return this.findAll(id).find((object) => object.type === 'node');
  }

  /** Names of all nodes, sorted. */
  nodeNames(): string[] {
    return this.objects()
      .filter((object) => object.type === 'node')
      .map((object) => object.element.get('uname') ?? '')
      .sort();
  }

  protected childrenOf(object: CibObject): CibObject[] {
    if (!isContainer(object)) return [];
    return object.element
      .elements()
      .filter(isChildResource)
      .flatMap((child) => this.objectOf(child) ?? []);
  }

  /** The value of a cluster option, from the first set that has it. */
  property(name: string, type = 'property'): string | undefined {
    for (const object of this.objects()) {
      if (object.type !== type) continue;
      for (const pair of object.element.elements('nvpair')) {
        if (pair.get('name') === name) return pair.get('value');
      }
    }
    return undefined;
  }

  /** The primitive with what its template adds; undefined where the template is missing. */
  withTemplate(primitive: Element): Element | undefined {
    const name = primitive.get('template');
    if (!name) return primitive;
    const template = this.find(name);
    if (!template) return undefined;
    const merged = new Element(primitive.name);
    mergeParts(merged, template.element);
    mergeParts(merged, primitive);
    for (const [key, value] of primitive.attributes) merged.set(key, value);
    for (const key of ['class', 'provider', 'type']) {
      const value = template.element.get(key);
      if (value !== undefined) merged.set(key, value);
    }
    return merged;
  }

  // --- showing -----------------------------------------------------------------------------------------------------

  protected describeContext(shown?: DescribeContext['shown'], ids = false): DescribeContext {
    const references = new Map<string, string>();
    const configuration = this.cib.first('configuration') ?? this.cib;
    for (const element of configuration.descendants()) {
      const ref = element.get('id-ref');
      if (ref !== undefined && element.name !== 'nvpair') references.set(ref, element.name);
    }
    const nameable = new Set(['utilization', 'rule', 'cluster_property_set']);
    return {
      named: ids,
      referenced: (element) =>
        references.size > 0 &&
        nameable.has(element.name) &&
        element.id !== '' &&
        references.get(element.id) === element.name,
      nodeCount: this.objects().filter((object) => object.type === 'node').length,
      bareMeansHeartbeat: (type) => preferredProvider(this.options.providers?.(type) ?? []) === 'heartbeat',
      ...(shown ? { shown } : {}),
    };
  }

  /** What statements are built with here; `typed` ones must not have empty values. */
  buildContext(refuseEmpty = false): BuildContext {
    return {
      schema: this.schema,
      providers: this.options.providers ?? (() => []),
      nodes: () => this.nodeNames(),
      reports: this.reports,
      refuseEmpty,
      ...(this.options.upgradeRoles === undefined ? {} : { upgradeRoles: this.options.upgradeRoles }),
    };
  }

  /** The objects as text, sorted as `show` does. */
  show(objects: Iterable<CibObject> = this.objects(), options: ShowOptions = {}): string {
    const layout = options.layout ?? 'lines';
    const quiet: BuildContext = {
      ...this.buildContext(),
      reports: this.reports.silent(),
      upgradeRoles: false,
    };
    const plain = this.describeContext(undefined, options.ids);
    const masked = this.describeContext(options.shown, options.ids);
    const sorted = inShowOrder(objects, options.sort ?? true);
    return sorted
      .map((object) => {
        const statement = describe(object, plain);
        if (!statement || !isRepresentable(object, statement, quiet, options.extended)) {
          const raw = object.element.clone();
          if (options.shown) maskValues(raw, options.shown);
          return rawText(raw, layout);
        }
        const shown = options.shown ? describe(object, masked)! : statement;
        return printStatement(shown, layout);
      })
      .join('\n');
  }

  /** One object as a statement; undefined where the language cannot say it. */
  statementOf(object: CibObject): Statement | undefined {
    return describe(object, this.describeContext());
  }

  protected objectOf(element: Element): CibObject | undefined {
    return this.index.of(element);
  }
}
