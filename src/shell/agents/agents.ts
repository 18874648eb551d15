import type { Connection, Outcome } from '../../connection/connection.js';
import type { Session } from '../session.js';
import { LocalAgents } from './local.js';
import { type AgentMetadata, parseMetadata } from './metadata.js';

/** `class:provider:type`, resolved. `provider` is null where the class has none. */
export interface AgentName {
  readonly agentClass: string;
  readonly provider: string | null;
  readonly type: string;
}

/** Classes in the order in which crmsh lists them. */
const CLASSES = ['lsb', 'ocf', 'service', 'stonith', 'systemd'];

/** What agents are looked up through: a shell's session, or whatever has a connection. */
export interface AgentSource {
  readonly world: { readonly environment: Readonly<Record<string, string | undefined>> };
  connect(): Promise<Outcome<Connection>>;
}

/**
 * Resource and fence agents where the cluster is: asked of the agent connected to, else found on this machine.
 * Answers are kept for the session, as agents do not change under it.
 */
export class Agents {
  readonly #session: AgentSource;
  readonly #local: LocalAgents;
  readonly #lists = new Map<string, Promise<string[]>>();
  readonly #metadata = new Map<string, Promise<AgentMetadata | null>>();

  constructor(session: AgentSource) {
    this.#session = session;
    this.#local = new LocalAgents(session.world.environment);
  }

  async classes(): Promise<string[]> {
    const systemd = (await this.list('systemd')).length > 0;
    return CLASSES.filter((name) => name !== 'systemd' || systemd);
  }

  /** Providers of class `ocf`, or those that offer one type. */
  async providers(type?: string): Promise<string[]> {
    const all = await this.#remember('ocf/', async () => {
      const remote = await this.#ask('agents.list', { class: 'ocf' });
      if (remote === null) return this.#local.providers();
      // The agent lists types; providers are found by asking for each known one.
      const candidates = unique([
        'heartbeat',
        'pacemaker',
        'openstack',
        'digitalocean',
        'quorate',
        ...(await this.#local.providers()),
      ]);
      const found: string[] = [];
      for (const name of candidates) if ((await this.list('ocf', name)).length > 0) found.push(name);
      return found;
    });
    if (type === undefined) return all;
    const offering: string[] = [];
    for (const name of all) if ((await this.list('ocf', name)).includes(type)) offering.push(name);
    return offering;
  }

  list(agentClass: string, provider?: string): Promise<string[]> {
    return this.#remember(`${agentClass}:${provider ?? ''}`, async () => {
      const remote = await this.#ask('agents.list', {
        class: agentClass,
        ...(provider === undefined ? {} : { provider }),
      });
      return remote ?? (await this.#local.list(agentClass, provider));
    });
  }

  /** Meta-data, or null where there is no such agent. */
  metadata(name: AgentName): Promise<AgentMetadata | null> {
    const key = formatAgent(name);
    const held = this.#metadata.get(key);
    if (held) return held;
    const reading = this.#readMetadata(name);
    this.#metadata.set(key, reading);
    return reading;
  }

  async #readMetadata(name: AgentName): Promise<AgentMetadata | null> {
    const text = await this.metadataText(name);
    return text === null ? null : parseMetadata(text);
  }

  /** The meta-data as the agent wrote them; null where there is no such agent. */
  async metadataText({ agentClass, provider, type }: AgentName): Promise<string | null> {
    const opened = await this.#session.connect();
    if (opened.ok && opened.value.target.kind !== 'file') {
      const answer = await opened.value.call('agents.metadata', {
        class: agentClass,
        type,
        ...(provider === null ? {} : { provider }),
      });
      if (answer.ok) return answer.value.xml;
      if (answer.error.kind !== 'unsupported') return null;
    }
    return this.#local.metadata(agentClass, provider, type);
  }

  /**
   * What a word names: `Dummy` is `ocf:heartbeat:Dummy` where that exists (or nothing offers it), else the provider
   * that does, Pacemaker's before others; `CLASS:TYPE` has no provider unless the class is ocf.
   */
  async resolve(spec: string): Promise<AgentName> {
    const [first = '', second, third] = spec.split(':');
    if (third !== undefined) return { agentClass: first, provider: second ?? null, type: third };
    if (second !== undefined && first !== 'ocf') return { agentClass: first, provider: null, type: second };
    const type = second ?? first;
    const providers = await this.providers(type);
    const provider =
      providers.length === 0 || providers.includes('heartbeat')
        ? 'heartbeat'
        : providers.includes('pacemaker')
          ? 'pacemaker'
          : providers[0]!;
    return { agentClass: 'ocf', provider, type };
  }

  /** The agent program on this machine. */
  programOf(name: AgentName): string | null {
    return this.#local.programOf(name.agentClass, name.provider, name.type);
  }

  async #ask(method: 'agents.list', params: { class: string; provider?: string }): Promise<string[] | null> {
    const opened = await this.#session.connect();
    if (!opened.ok || opened.value.target.kind === 'file') return null;
    const answer = await opened.value.call(method, params);
    return answer.ok ? [...answer.value.agents].sort() : null;
  }

  #remember(key: string, read: () => Promise<string[]>): Promise<string[]> {
    const held = this.#lists.get(key);
    if (held) return held;
    const reading = read();
    this.#lists.set(key, reading);
    return reading;
  }
}

export function formatAgent({ agentClass, provider, type }: AgentName): string {
  return [agentClass, provider, type].filter((part) => part !== null).join(':');
}

const OF_SESSION = new WeakMap<Session, Agents>();

/** The session's agents. */
export function agentsOf(session: Session): Agents {
  const held = OF_SESSION.get(session);
  if (held) return held;
  const made = new Agents(session);
  OF_SESSION.set(session, made);
  return made;
}

function unique(names: readonly string[]): string[] {
  return [...new Set(names)].sort();
}
