import type { IParserConfig } from 'chevrotain';
import { AdministrationParser } from './administration-parser.js';
import type { Statement } from './ast.js';
import { compact } from './statement-words.js';
import * as t from './tokens.js';

export type { Complaint, Consumed } from '../rule/parser.js';

/*
 * The language. `nv` is name=value, name=, name, $id:name=value, @id or @id:name; keywords are case-insensitive.
 *
 *   statement  := node | primitive | group | clone | bundle | location | colocation | order | rsc_ticket
 *               | property | fencing_topology | tag | role | acl_target | alert | monitor | xml
 *   node       := "node" [$id=ID | ID:] UNAME[:TYPE] [description=] [set] {("attributes" | "utilization") set}
 *   primitive  := ("primitive" | "rsc_template") ID (AGENT | @TEMPLATE) [description=] [set]
 *                 {("params" | "meta" | "utilization") set | "operations" $id= | op}
 *   op         := "op" NAME {nv} [set] {("op_params" | "op_meta") set}
 *   group      := "group" ID {RSC} [description=] [set] {("params" | "meta") set}
 *   clone      := ("clone" | "ms") ID RSC [description=] [set] {("params" | "meta") set}
 *   bundle     := "bundle" ID [description=] {("docker" | "rkt" | "podman") {nv} | "network" {nv} {"port-mapping" {nv}}
 *               | "storage" {"storage-mapping" {nv}} | "primitive" RSC | "meta" set}
 *   location   := "location" ID (/REGEX/ | "{" members "}" | RSC) {NAME=VALUE} (SCORE: NODE [role=] | rule {rule})
 *   colocation := "colocation" ID SCORE: members [node-attribute=] [influence=]
 *   order      := "order" ID [KIND: | SCORE:] members [symmetrical=]
 *   rsc_ticket := "rsc_ticket" ID TICKET: members [loss-policy=]
 *   members    := {RSC[:ROLE] | sequential= | require-all= | "(" members ")" | "[" members "]"}
 *   property   := ("property" | "rsc_defaults" | "op_defaults") [ID: | $id= | $id-ref=] [SCORE:] {rule} {nv}
 *   fencing    := "fencing_topology" {NODE: | attr:NAME=VALUE | pattern:REGEX | DEVICES}
 *   tag        := "tag" NAME[:] ID {ID}
 *   role       := ("role" | "user") ID [description=] {("read" | "write" | "deny") [ID:] [description=] spec {spec}}
 *   acl_target := ("acl_target" | "acl_group") ID {ROLE}
 *   alert      := "alert" ID PATH [description=] {("attributes" | "meta") set | select | recipient}
 *   select     := "select" {"nodes" | "fencing" | "resources" | "attributes" "{" {NAME} "}"}
 *   recipient  := "to" ["{"] VALUE [description=] {("attributes" | "meta") set} ["}"]
 *   monitor    := "monitor" RSC[:ROLE] INTERVAL[:TIMEOUT]
 *   set        := $id-ref= | [$id=] [SCORE:] {rule} {nv}
 *   rule       := "rule" [$id= | $id-ref=] [role=] [SCORE:] expression {("and" | "or") expression}
 *   expression := "date" ("lt" | "gt") DATE | "date" ("in" | "spec") {NAME=VALUE}
 *               | ("defined" | "not_defined") ATTRIBUTE | ATTRIBUTE [TYPE:]OPERATOR VALUE
 *               | ("resource" | "operation") {NAME=VALUE} | "(" [$id=] [SCORE:] expression {("and" | "or") expression} ")"
 *
 * An ambiguity is resolved by order: what a place has a special meaning for comes before what any word may be.
 */

/** Parser of one statement; `input` is set to its tokens. */
export class CrmParser extends AdministrationParser {
  constructor(config: IParserConfig = {}) {
    super(config);
    this.performSelfAnalysis();
  }

  statement = this.RULE('statement', (): Statement => {
    return this.OR<Statement>([
      { ALT: () => this.SUBRULE(this.node) },
      { ALT: () => this.SUBRULE(this.primitive) },
      { ALT: () => this.SUBRULE(this.group) },
      { ALT: () => this.SUBRULE(this.clone) },
      { ALT: () => this.SUBRULE(this.bundle) },
      { ALT: () => this.SUBRULE(this.location) },
      { ALT: () => this.SUBRULE(this.colocation) },
      { ALT: () => this.SUBRULE(this.order) },
      { ALT: () => this.SUBRULE(this.ticket) },
      { ALT: () => this.SUBRULE(this.property) },
      { ALT: () => this.SUBRULE(this.fencing) },
      { ALT: () => this.SUBRULE(this.tag) },
      { ALT: () => this.SUBRULE(this.role) },
      { ALT: () => this.SUBRULE(this.aclTarget) },
      { ALT: () => this.SUBRULE(this.alert) },
      { ALT: () => this.SUBRULE(this.monitor) },
      { ALT: () => this.SUBRULE(this.xml) },
    ]);
  });

  /** Adds a recurring monitor to a resource. @crm monitor web:Started 10s:20s */
  protected monitor = this.RULE('monitor', (): Statement => {
    this.CONSUME(t.Monitor);
    const resource = this.CONSUME(t.Member);
    const interval = this.CONSUME(t.Interval);
    return this.ACTION(() => {
      const [id, role, ...rest] = resource.image.split(':');
      const [time, timeout, ...more] = interval.image.split(':');
      if (rest.length > 0) this.complain('member', 'Expected value[:value]', resource, ['RSC', 'RSC:ROLE']);
      if (more.length > 0)
        this.complain('interval', 'Expected value[:value]', interval, ['INTERVAL:TIMEOUT']);
      return compact<Statement>({
        kind: 'monitor',
        resource: id,
        role: role === '' ? undefined : role,
        interval: time,
        timeout: timeout === '' ? undefined : timeout,
      } as Statement);
    });
  });

  /** An element as XML. @crm xml '<primitive id="p" class="ocf" provider="heartbeat" type="Dummy"/>' */
  protected xml = this.RULE('xml', (): Statement => {
    this.CONSUME(t.Xml);
    const text = this.CONSUME(t.XmlText);
    return { kind: 'xml', text: text.image };
  });
}
