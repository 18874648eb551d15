import type { Element } from '../cib/element.js';
import type { Argument, Completer, Completion } from './command.js';
import type { Session } from './session.js';

/** What completion may look at without saying anything: the CIB, kept for a moment so that typing stays quick. */
const CACHE_MS = 3000;

const cache = new WeakMap<Session, { readonly at: number; readonly cib: Element | null }>();

/** The configuration as it is being edited, else as the cluster has it; null where it cannot be had. */
export async function quietCib(session: Session): Promise<Element | null> {
  if (session.workingCopy) return session.workingCopy.edited;
  const now = session.world.now();
  const held = cache.get(session);
  if (held && now - held.at < CACHE_MS) return held.cib;
  const opened = await session.connect();
  const read = opened.ok ? await opened.value.readCib() : null;
  const cib = read?.ok ? read.value : null;
  cache.set(session, { at: now, cib });
  return cib;
}

function fromCib(choose: (cib: Element) => Iterable<Completion>): Completer {
  return async ({ session }) => {
    const cib = await quietCib(session);
    return cib ? [...choose(cib)] : [];
  };
}

const RESOURCE_KINDS = new Set(['primitive', 'group', 'clone', 'master', 'bundle']);

function* resources(cib: Element, wanted: (element: Element) => boolean): Generator<Completion> {
  for (const element of cib.at('configuration', 'resources')?.descendants() ?? []) {
    if (!RESOURCE_KINDS.has(element.name) || !wanted(element)) continue;
    const agent = [element.get('class'), element.get('provider'), element.get('type')]
      .filter(Boolean)
      .join(':');
    yield { text: element.id, kind: 'id', summary: agent === '' ? element.name : agent };
  }
}

function* nodes(cib: Element): Generator<Completion> {
  for (const node of cib.at('configuration', 'nodes')?.elements('node') ?? []) {
    yield { text: node.get('uname') ?? node.id, kind: 'node', summary: node.get('type') ?? 'member' };
  }
}

/** Any resource. */
export const resource: Argument = { label: 'RSC', complete: fromCib((cib) => resources(cib, () => true)) };

export const primitive: Argument = {
  label: 'RSC',
  complete: fromCib((cib) => resources(cib, ({ name }) => name === 'primitive')),
};

export const promotableResource: Argument = {
  label: 'RSC',
  complete: fromCib((cib) => resources(cib, ({ name }) => name === 'clone' || name === 'master')),
};

export const node: Argument = { label: 'NODE', complete: fromCib(nodes) };

/** An attribute name that the resource named before has in sets of that kind. */
export function attributeOf(kind: 'instance_attributes' | 'meta_attributes' | 'utilization'): Argument {
  return {
    label: 'ATTR',
    complete: async ({ session, words }) => {
      const cib = await quietCib(session);
      const found: Completion[] = [];
      for (const element of cib?.at('configuration')?.descendants() ?? []) {
        if (element.id !== words[0] && element.get('uname') !== words[0]) continue;
        for (const set of element.elements(kind)) {
          for (const pair of set.elements('nvpair')) {
            found.push({ text: pair.get('name') ?? '', kind: 'parameter', summary: pair.get('value') ?? '' });
          }
        }
      }
      return found;
    },
  };
}

/** Members of tickets in the CIB. */
export const ticket: Argument = {
  label: 'TICKET',
  complete: fromCib(function* (cib) {
    const seen = new Set<string>();
    for (const element of cib.descendants()) {
      const id =
        element.name === 'rsc_ticket'
          ? element.get('ticket')
          : element.name === 'ticket_state'
            ? element.id
            : undefined;
      if (id === undefined || seen.has(id)) continue;
      seen.add(id);
      yield { text: id, kind: 'id' };
    }
  }),
};
