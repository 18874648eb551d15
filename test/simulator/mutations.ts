import type { Kind } from './kinds.js';

/** A deliberate mistake in the product's source. The simulator must notice each of them. */
export interface Mutation {
  readonly name: string;
  /** Which of the simulators is to notice. */
  readonly by: Kind;
  /** Where it was noticed last; others are tried when that one notices nothing any more. */
  readonly seed: number;
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}

export const MUTATIONS: readonly Mutation[] = [
  {
    name: 'promises are forgotten over a restart',
    by: 'membership',
    seed: 1,
    file: 'src/membership/membership.ts',
    find: 'this.#promised = record?.promised ?? NO_VIEW;',
    replace: 'this.#promised = record === null ? NO_VIEW : { epoch: 0, coordinator: 0 };',
  },
  {
    name: 'stale proposals are accepted',
    by: 'membership',
    seed: 1,
    file: 'src/membership/membership.ts',
    find: 'if (compareViewIds(message.id, this.#promised) <= 0) {',
    replace: 'if (compareViewIds(message.id, this.#promised) <= -1000) {',
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
    name: 'votes of lost nodes count',
    by: 'membership',
    seed: 3,
    file: 'src/membership/quorum.ts',
    find: 'const total = input.members.reduce((sum, member) => sum + votesOf(member.node), 0);',
    replace: 'const total = nodes.reduce((sum, node) => sum + votesOf(node.node), 0);',
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
    name: 'nothing is flushed at a change of view',
    by: 'membership',
    seed: 11,
    file: 'src/membership/membership.ts',
    find: 'if (previous && own && this.#order) {',
    replace: 'if (previous && own && this.#order && own.upTo < 0) {',
  },
  {
    name: 'writes are acknowledged when the DC alone has them',
    by: 'cluster',
    seed: 7,
    file: 'src/controller/requests.ts',
    find: 'members.every((node) => {',
    replace: 'members.filter((node) => node === this.#config.self).every((node) => {',
  },
  {
    name: 'the configuration is changed without quorum',
    by: 'cluster',
    seed: 1,
    file: 'src/controller/requests.ts',
    find: 'return this.#dc.view.quorum.quorate ||',
    replace: 'return cib !== null ||',
  },
  {
    name: 'operations depend on nothing',
    by: 'cluster',
    seed: 15,
    file: 'src/controller/transition.ts',
    find: 'this.#ready = steps.filter((step) => step.unmet === 0);',
    replace: 'this.#ready = [...steps];',
  },
];
