import type { ClusterLife } from './cluster-life.js';
import type { Kind } from './kinds.js';
import type { MembershipLife } from './life.js';

type AnyLife = Partial<ClusterLife> & Partial<MembershipLife>;

/** A deliberate mistake in the product's source. The simulator must notice each of them. */
export interface Mutation {
  readonly name: string;
  /** Which kind of life is to notice. */
  readonly by: Kind;
  /** Where it was noticed last; others are tried when that one notices nothing any more. */
  readonly seed: number;
  /** Lives in which it can be noticed at all; others are not played. Default: all. */
  readonly where?: (life: AnyLife) => boolean;
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}

const MEMBERSHIP = 'src/membership/membership.ts';

const hasElectorate = (life: AnyLife) =>
  life.quorum?.lastManStanding === true || life.quorum?.allowDownscale === true;

export const MUTATIONS: readonly Mutation[] = [
  {
    name: 'promises are forgotten over a restart',
    by: 'membership',
    seed: 6,
    file: MEMBERSHIP,
    find: 'this.#promised = record?.promised ?? NO_VIEW;',
    replace: 'this.#promised = record === null ? NO_VIEW : { epoch: 0, coordinator: 0 };',
  },
  {
    name: 'promises are given before they are on disk',
    by: 'agreement',
    seed: 1,
    file: 'src/membership/output.ts',
    find: 'const wait = after !== undefined && !this.#durable.has(after) ? { after } : {};',
    replace: 'const wait = {};',
  },
  {
    name: 'the proposer counts its own promise before it is on disk',
    by: 'agreement',
    seed: 8,
    file: MEMBERSHIP,
    find: 'reports: new Map(), write, ...(electorate ? { electorate } : {}) };',
    replace:
      'reports: new Map([[this.#config.self, this.#report()]]), write };\n    this.#maybeInstall();\n    if (!this.#proposal) return;',
  },
  {
    name: 'files are renamed without being synced',
    by: 'membership',
    seed: 1,
    file: 'src/agent/durable.ts',
    find: "{ kind: 'sync', path: staging },",
    replace: '',
  },
  {
    name: 'directories are not synced',
    by: 'membership',
    seed: 1,
    file: 'src/agent/durable.ts',
    find: "{ kind: 'sync-directory', path: directory },",
    replace: '',
  },
  {
    name: 'stale proposals are accepted',
    by: 'membership',
    seed: 6,
    file: MEMBERSHIP,
    find: 'if (compareViewIds(message.id, this.#promised) <= 0) {',
    replace: 'if (compareViewIds(message.id, this.#promised) <= -1000) {',
  },
  {
    name: 'messages of a view that is over are taken',
    by: 'agreement',
    seed: 24,
    file: 'src/membership/view-messages.ts',
    find: 'if (!this.#view || !sameViewId(view, this.#view.id)) return false;',
    replace: 'if (!this.#view) return false;',
  },
  {
    name: 'a member that has promised a new view goes on in the old one',
    by: 'agreement',
    seed: 22,
    file: 'src/membership/view-messages.ts',
    find: 'if (frozen) return;',
    replace: '',
  },
  {
    name: 'half of the votes are enough',
    by: 'membership',
    seed: 3,
    file: 'src/membership/quorum.ts',
    find: 'Math.floor(expected / 2) + 1',
    replace: 'Math.floor(expected / 2)',
  },
  {
    name: 'votes are counted twice',
    by: 'membership',
    seed: 3,
    file: 'src/membership/quorum.ts',
    find: 'const votes = votesOf(nodes, (node) => isPresent(node.node) && counts(node.node));',
    replace: 'const votes = 2 * votesOf(nodes, (node) => isPresent(node.node) && counts(node.node));',
  },
  {
    name: 'votes of lost nodes count',
    by: 'membership',
    seed: 3,
    file: 'src/membership/quorum.ts',
    find: 'const votes = votesOf(nodes, (node) => isPresent(node.node) && counts(node.node));',
    replace: 'const votes = votesOf(nodes, (node) => counts(node.node));',
  },
  {
    name: 'either half wins a tie',
    by: 'membership',
    seed: 1079,
    where: (life) => life.quorum?.autoTieBreaker === true && life.nodes! % 2 === 0,
    file: 'src/membership/quorum.ts',
    find: 'return preferred !== undefined && isPresent(preferred);',
    replace: 'return preferred !== undefined;',
  },
  {
    name: 'nobody waits for all',
    by: 'membership',
    seed: 165,
    where: (life) => life.quorum?.waitForAll === true,
    file: 'src/membership/quorum.ts',
    find: 'options.waitForAll && input.waitingForAll && !everybody',
    replace: 'options.waitForAll && input.waitingForAll && input.members.length === 0',
  },
  {
    name: 'messages are delivered before all have them',
    by: 'membership',
    seed: 3,
    file: 'src/membership/order.ts',
    find: 'while (this.#delivered < Math.min(this.#stable, this.#received)) {',
    replace: 'while (this.#delivered < this.#received) {',
  },
  {
    name: 'one confirmation counts for all',
    by: 'membership',
    seed: 3,
    file: 'src/membership/order.ts',
    find: 'Math.min(...this.#receivedBy.values())',
    replace: 'Math.max(...this.#receivedBy.values())',
  },
  {
    name: 'nothing is flushed at a change of view',
    by: 'membership',
    seed: 55,
    file: MEMBERSHIP,
    find: 'if (own) this.#messages.end(own);',
    replace: 'if (own && own.upTo < 0) this.#messages.end(own);',
  },
  {
    name: 'what was lost is not sent again',
    by: 'membership',
    seed: 1,
    file: 'src/membership/view-messages.ts',
    find: 'const message = channel.retransmission();',
    replace: 'const message = channel.acknowledgementDue ? channel.acknowledgement() : null;',
  },
  {
    name: 'news that a heartbeat has overtaken count',
    by: 'membership',
    seed: 957,
    file: 'src/membership/connectivity.ts',
    find: 'if (known?.boot === boot && known.generation >= generation) return;',
    replace: '',
  },
  {
    name: 'a write is judged once more by a DC that has forgotten that it made it',
    by: 'cluster',
    seed: 80,
    file: 'src/controller/requests.ts',
    find: 'if (isWrite(request) && firstSentIn < this.#dcSince) {',
    replace: 'if (this.#dcSince < 0) {',
  },
  {
    name: 'starts do not wait for who was lost by others than the DC',
    by: 'cluster',
    seed: 524,
    where: (life) => life.fencing === false && (life.nodes ?? 0) > 2,
    file: 'src/controller/controller.ts',
    find: '!(memberOf(previous, node) && this.#saidGoodbye(node))',
    replace: 'memberOf(previous, node)',
  },
  {
    name: 'a node leaves before it was looked at for what runs on it',
    by: 'cluster',
    seed: 6015978,
    file: 'src/controller/dc.ts',
    find: 'isProbe(other) && other.onNode === action.onNode',
    replace: 'isProbe(other) && other.onNode === action.operation',
  },
  {
    name: 'a stop that another DC has ordered is not waited for',
    by: 'cluster',
    seed: 6011687,
    file: 'src/controller/dc.ts',
    find: 'if (!own.has(key)) this.#ending',
    replace: 'if (own.has(key)) this.#ending',
  },
  {
    name: 'writes are acknowledged when the DC alone has them',
    by: 'cluster',
    seed: 6,
    file: 'src/controller/requests.ts',
    find: 'members.every((node) => {',
    replace: 'members.filter((node) => node === this.#config.self).every((node) => {',
  },
  {
    name: 'the configuration is changed without quorum',
    by: 'cluster',
    seed: 61,
    file: 'src/controller/requests.ts',
    find: 'return this.#dc.view.quorum.quorate ||',
    replace: 'return cib !== null ||',
  },
  {
    name: 'a DC acts in a view that may be over',
    by: 'cluster',
    seed: 68,
    file: 'src/controller/dc.ts',
    find: "if (this.#phase !== 'ready' || !this.#active) return;",
    replace: "if (this.#phase !== 'ready') return;",
  },
  {
    name: 'operations depend on nothing',
    by: 'cluster',
    seed: 10,
    file: 'src/controller/transition.ts',
    find: 'this.#ready = steps.filter((step) => step.unmet === 0);',
    replace: 'this.#ready = [...steps];',
  },
  {
    name: 'what waits for several operations starts after the first',
    by: 'cluster',
    seed: 10,
    where: (life) => life.planner === 'scheduler',
    file: 'src/controller/transition.ts',
    find: 'if (--step.unmet === 0) this.#insert(step);',
    replace: 'if (--step.unmet >= 0 && step.unmet + 1 === step.synapse.inputs.length) this.#insert(step);',
  },
  {
    name: 'fencing that failed counts as done',
    by: 'cluster',
    seed: 233,
    where: (life) => (life.fenceFailure ?? 0) > 0,
    file: 'src/controller/dc.ts',
    find: "if (result.ok && result.action !== 'on') this.markDown(result.target);",
    replace: "if (result.action !== 'on') this.markDown(result.target);",
  },
  {
    name: 'resources start before the fencing that they wait for is done',
    by: 'cluster',
    seed: 18,
    where: (life) => life.fencing === true,
    file: 'src/controller/dc.ts',
    find: "        return;\n      }\n      case 'do_shutdown': {",
    replace: "        break;\n      }\n      case 'do_shutdown': {",
  },
  {
    name: 'the scheduler does not order starts after fencing',
    by: 'cluster',
    seed: 1336,
    where: (life) =>
      life.fencing === true &&
      life.planner === 'scheduler' &&
      life.nodes! > 2 &&
      life.steps!.some((step) => step.kind === 'crash'),
    file: 'src/scheduler/fencing-order.ts',
    find: "if (action.needs === 'fencing') orderActions(fencing, action, Order.optional);",
    replace: "if (action.needs === 'fencing') continue;",
  },
  {
    name: 'a document of an older view wins by its version',
    by: 'cluster',
    seed: 103,
    where: (life) => life.nodes! > 2 && life.steps!.some((step) => step.kind === 'sever'),
    file: 'src/controller/lineage.ts',
    find: 'a.lineage.view - b.lineage.view ||',
    replace: 'a.version.epoch - b.version.epoch || a.lineage.view - b.lineage.view ||',
  },
  {
    name: 'an agent that starts anew does not know what its executor is at',
    by: 'cluster',
    seed: 15255,
    where: (life) => life.steps!.some((step) => step.kind === 'kill'),
    file: 'src/controller/local-node.ts',
    find: 'if (ended.has(request.callId)) continue;',
    replace: 'continue;',
  },
  {
    name: 'a node that was paused acts before it has listened',
    by: 'cluster',
    seed: 734,
    where: (life) => life.nodes! > 2 && life.pauseOnLoss! > 0,
    file: 'src/membership/listening.ts',
    find: 'return !(nowMs - judgedAtMs > tokenMs / 2);',
    replace: 'return nowMs - judgedAtMs > tokenMs / 2 || true;',
  },
  {
    name: 'electorates are forgotten over a restart',
    by: 'membership',
    seed: 246,
    where: hasElectorate,
    file: MEMBERSHIP,
    find: 'this.#electorate = record?.electorate ?? AS_CONFIGURED;',
    replace: 'this.#electorate = AS_CONFIGURED;',
  },
  {
    name: 'of what members know of electorates only the first word counts',
    by: 'membership',
    seed: 246,
    where: hasElectorate,
    file: MEMBERSHIP,
    find: 'reports.map((report) => report.electorate ?? AS_CONFIGURED)',
    replace: 'reports.slice(0, 1).map((report) => report.electorate ?? AS_CONFIGURED)',
  },
  {
    name: 'a document is changed before the documents of all members are one',
    by: 'cluster',
    seed: 4005648,
    file: 'src/controller/dc.ts',
    find: "if (this.#phase === 'ready') return false;\n    this.#deferred",
    replace: 'return false;\n    this.#deferred',
  },
  {
    name: 'who has lost quorum does not wait for all again',
    by: 'membership',
    seed: 1127,
    where: (life) => life.quorum?.waitForAll === true,
    file: 'src/membership/quorum.ts',
    find: '(input.isolated ? waiting : !quorate)',
    replace: 'waiting',
  },
  {
    name: 'a tie is broken for who had no quorum',
    by: 'membership',
    seed: 684,
    where: (life) => life.quorum?.autoTieBreaker === true && life.nodes! % 2 === 0,
    file: 'src/membership/quorum.ts',
    find: 'options.autoTieBreaker && input.wasQuorate && votes',
    replace: 'options.autoTieBreaker && votes',
  },
  {
    name: 'an electorate counts that was only promised',
    by: 'membership',
    seed: 5781,
    where: hasElectorate,
    file: 'src/membership/electorate.ts',
    find: 'return [knowledge.agreed?.nodes ?? null, ...knowledge.promised.map((one) => one.nodes)];',
    replace: 'return [knowledge.promised.at(-1)?.nodes ?? knowledge.agreed?.nodes ?? null];',
  },
];
