import type { IToken, TokenType } from 'chevrotain';
import type {
  AttributeSet,
  BundlePart,
  BundlePrimitive,
  NameValue,
  Operation,
  Operations,
  SetKeyword,
  Statement,
} from './ast.js';
import { SET_ENDS, SetParser } from './set-parser.js';
import { as, compact, type Header, idSpec, scoreText } from './statement-words.js';
import * as t from './tokens.js';

const BUNDLE_ENDS: ReadonlySet<TokenType> = new Set([t.Network, t.Storage, t.Meta, t.Primitive]);
const BUNDLE_META_ENDS: ReadonlySet<TokenType> = new Set([...BUNDLE_ENDS, t.Docker, t.Podman, t.Rkt]);

/** Nodes, and resources with what they are made of. */
export abstract class ResourceParser extends SetParser {
  /** A cluster node. @crm node 1: n1 attributes rack=2 utilization cpu=8 */
  protected node = this.RULE('node', (): Statement => {
    this.CONSUME(t.Node);
    let id: string | undefined;
    this.OPTION(() => {
      id = this.OR<string | undefined>([
        { ALT: () => idSpec(this.CONSUME(t.IdSpec)).id },
        { ALT: () => scoreText(this.CONSUME(t.Score)) },
      ]);
    });
    const name = this.CONSUME(t.NodeName);
    const description = this.SUBRULE(this.description);
    const sets: AttributeSet[] = [];
    this.SUBRULE(this.firstSet, { ARGS: ['attributes', sets] });
    this.MANY(() => {
      const keyword = this.OR1<SetKeyword>([
        { ALT: () => as(this.CONSUME(t.Attributes), 'attributes') },
        { ALT: () => as(this.CONSUME(t.Utilization), 'utilization') },
      ]);
      sets.push(this.SUBRULE(this.set, { ARGS: [keyword, SET_ENDS] }));
    });
    return this.ACTION(() => {
      const parts = /^([^:]+)(?::(normal|member|ping|remote))?$/i.exec(name.image);
      if (!parts) {
        this.complain('node-type', `${name.image} is no node name with a known type`, name, [
          'NAME',
          'NAME:remote',
          'NAME:member',
        ]);
      }
      return compact<Statement>({
        kind: 'node',
        id,
        uname: parts?.[1] ?? name.image,
        type: parts?.[2],
        description,
        sets,
      } as Statement);
    });
  });

  /** A resource that an agent runs. @crm primitive ip IPaddr2 params ip=10.0.0.9 op monitor interval=10s */
  protected primitive = this.RULE('primitive', (): Statement => {
    const kind = this.OR<'primitive' | 'rsc_template'>([
      { ALT: () => as(this.CONSUME(t.Primitive), 'primitive') },
      { ALT: () => as(this.CONSUME(t.Template), 'rsc_template') },
    ]);
    const id = this.CONSUME(t.NewId);
    const agent = this.CONSUME(t.AgentSpec);
    const description = this.SUBRULE(this.description);
    const parts: (AttributeSet | Operations)[] = [];
    const sets: AttributeSet[] = [];
    this.SUBRULE(this.firstSet, { ARGS: ['params', sets] });
    this.MANY(() => {
      this.OR1([
        { ALT: () => parts.push(this.SUBRULE(this.resourceSet)) },
        { ALT: () => parts.push(this.SUBRULE(this.operations)) },
      ]);
    });
    return this.ACTION(() => {
      const template = kind === 'primitive' && agent.image.length > 1 && agent.image.startsWith('@');
      return compact<Statement>({
        kind,
        id: this.identifier(id),
        agent: template ? undefined : agent.image,
        template: template ? agent.image.slice(1) : undefined,
        description,
        parts: [...sets, ...parts],
      } as Statement);
    });
  });

  protected resourceSet = this.RULE('resourceSet', (): AttributeSet => {
    const keyword = this.OR<SetKeyword>([
      { ALT: () => as(this.CONSUME(t.Params), 'params') },
      { ALT: () => as(this.CONSUME(t.Meta), 'meta') },
      { ALT: () => as(this.CONSUME(t.Utilization), 'utilization') },
    ]);
    return this.SUBRULE(this.set, { ARGS: [keyword, SET_ENDS] });
  });

  protected operations = this.RULE('operations', (): Operations => {
    const operations: Operation[] = [];
    let header: Header = {};
    this.OR([
      {
        ALT: () => {
          this.CONSUME(t.Operations);
          header = idSpec(this.CONSUME(t.IdSpec));
          this.MANY(() => operations.push(this.SUBRULE(this.operation)));
        },
      },
      { ALT: () => this.AT_LEAST_ONE(() => operations.push(this.SUBRULE1(this.operation))) },
    ]);
    return { type: 'operations', ...header, operations };
  });

  /** An action of the resource's agent, and when it runs. @crm op monitor interval=10s timeout=20s */
  protected operation = this.RULE('operation', (): Operation => {
    this.CONSUME(t.Op);
    const name = this.CONSUME(t.OperationName);
    const values = this.SUBRULE(this.values, { ARGS: [SET_ENDS] });
    const sets: AttributeSet[] = [];
    this.SUBRULE(this.firstSet, { ARGS: ['op_params', sets] });
    this.MANY(() => {
      const keyword = this.OR<SetKeyword>([
        { ALT: () => as(this.CONSUME(t.OpParams), 'op_params') },
        { ALT: () => as(this.CONSUME(t.OpMeta), 'op_meta') },
      ]);
      sets.push(this.SUBRULE(this.set, { ARGS: [keyword, SET_ENDS] }));
    });
    return this.ACTION(() => ({ name: this.identifier(name), values, sets }));
  });

  /** Resources that run together, in order. @crm group g ip web */
  protected group = this.RULE('group', (): Statement => {
    this.CONSUME(t.Group);
    const id = this.CONSUME(t.NewId);
    const children: IToken[] = [];
    this.MANY({
      GATE: () => this.next() !== t.Params && this.next() !== t.Meta,
      DEF: () => children.push(this.CONSUME(t.Member)),
    });
    const description = this.SUBRULE(this.description);
    const sets = this.SUBRULE(this.containerSets);
    return this.ACTION(() => {
      this.notEmpty(children.length + sets.length + (description?.length ?? 0), 'group', 'a resource');
      const seen = new Set<string>();
      for (const child of children) {
        if (seen.has(child.image)) {
          this.complain(
            'duplicate',
            `child ${child.image} listed more than once in group ${id.image}`,
            child,
          );
        }
        seen.add(child.image);
      }
      return compact<Statement>({
        kind: 'group',
        id: this.identifier(id),
        children: [...seen],
        description,
        sets,
      } as Statement);
    });
  });

  /** A resource that runs on several nodes. @crm clone c web meta clone-max=2 */
  protected clone = this.RULE('clone', (): Statement => {
    const kind = this.OR<'clone' | 'ms'>([
      { ALT: () => as(this.CONSUME(t.Clone), 'clone') },
      { ALT: () => as(this.CONSUME(t.Ms), 'ms') },
    ]);
    const id = this.CONSUME(t.NewId);
    const child = this.CONSUME(t.ResourceRef);
    const description = this.SUBRULE(this.description);
    const sets = this.SUBRULE(this.containerSets);
    return this.ACTION(() =>
      compact<Statement>({
        kind,
        id: this.identifier(id),
        children: [this.resource(child)],
        description,
        sets,
      } as Statement),
    );
  });

  protected containerSets = this.RULE('containerSets', (): AttributeSet[] => {
    const sets: AttributeSet[] = [];
    this.SUBRULE(this.firstSet, { ARGS: ['params', sets] });
    this.MANY(() => {
      const keyword = this.OR<SetKeyword>([
        { ALT: () => as(this.CONSUME(t.Params), 'params') },
        { ALT: () => as(this.CONSUME(t.Meta), 'meta') },
      ]);
      sets.push(this.SUBRULE(this.set, { ARGS: [keyword, SET_ENDS] }));
    });
    return sets;
  });

  /** A resource in containers. @crm bundle b docker image=web replicas=2 network ip-range-start=10.0.0.8 */
  protected bundle = this.RULE('bundle', (): Statement => {
    this.CONSUME(t.Bundle);
    const id = this.CONSUME(t.NewId);
    const description = this.SUBRULE(this.description);
    const parts: (BundlePart | BundlePrimitive | AttributeSet)[] = [];
    this.MANY(() => {
      this.OR([
        { ALT: () => parts.push(this.SUBRULE(this.bundlePart)) },
        {
          ALT: () => {
            this.CONSUME(t.Primitive);
            const primitive = this.CONSUME(t.ResourceRef);
            parts.push({ type: 'primitive', id: primitive.image });
          },
        },
        {
          ALT: () => {
            this.CONSUME(t.Meta);
            parts.push(this.SUBRULE(this.set, { ARGS: ['meta', BUNDLE_META_ENDS] }));
          },
        },
      ]);
    });
    return this.ACTION(() => {
      this.notEmpty(parts.length + (description?.length ?? 0), 'bundle', 'docker');
      return compact<Statement>({ kind: 'bundle', id: this.identifier(id), description, parts } as Statement);
    });
  });

  protected bundlePart = this.RULE('bundlePart', (): BundlePart => {
    const type = this.OR<BundlePart['type']>([
      { ALT: () => as(this.CONSUME(t.Docker), 'docker') },
      { ALT: () => as(this.CONSUME(t.Podman), 'podman') },
      { ALT: () => as(this.CONSUME(t.Rkt), 'rkt') },
      { ALT: () => as(this.CONSUME(t.Network), 'network') },
      { ALT: () => as(this.CONSUME(t.Storage), 'storage') },
    ]);
    const values: NameValue[] = [];
    const mappings: { name: string; values: NameValue[] }[] = [];
    this.MANY({
      GATE: () => !BUNDLE_ENDS.has(this.next()),
      DEF: () => {
        this.OR1({
          // A mapping's keyword would also do as an attribute's bare name.
          IGNORE_AMBIGUITIES: true,
          DEF: [
            {
              ALT: () => {
                this.CONSUME(t.PortMapping);
                mappings.push({ name: 'port-mapping', values: [] });
              },
            },
            {
              ALT: () => {
                this.CONSUME(t.StorageMapping);
                mappings.push({ name: 'storage-mapping', values: [] });
              },
            },
            {
              ALT: () => {
                const pair = this.SUBRULE(this.pair);
                (mappings.at(-1)?.values ?? values).push(pair);
              },
            },
          ],
        });
      },
    });
    return { type, values, mappings };
  });

  /** Complains of a statement that ends right after its id. */
  protected notEmpty(count: number, keyword: string, expected: string): void {
    if (count === 0) this.complain('incomplete', `${keyword} is not complete`, this.LA(1), [expected]);
  }
}
