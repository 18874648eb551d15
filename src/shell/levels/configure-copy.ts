import type { Element } from '../../cib/element.js';
import type { AgentMetadata } from '../../language/agent-metadata.js';
import { Configuration } from '../../language/configuration.js';
import { objectsOf } from '../../language/objects.js';
import { type Report, Reports } from '../../language/report.js';
import { agentsOf } from '../agents/agents.js';
import type { Session, WorkingCopy } from '../session.js';

/** The configuration that `configure` works on, with what is known of the agents that it names. */
export class ConfigureCopy implements WorkingCopy {
  readonly original: Element;
  readonly configuration: Configuration;
  readonly reports = new Reports();
  readonly #session: Session;
  readonly #providers = new Map<string, readonly string[]>();
  /** Resources that run and are managed; empty until asked for, and on a file. */
  #running: ReadonlySet<string> = new Set();
  readonly #metadata = new Map<string, AgentMetadata | null>();

  constructor(original: Element, session: Session) {
    this.original = original;
    this.#session = session;
    this.configuration = new Configuration(original, {
      reports: this.reports,
      providers: (type) => this.#providers.get(type) ?? [],
      upgradeRoles: session.options.is('core.OCF_1_1_SUPPORT'),
      force: session.flags.force,
      isRunning: (id) => this.#running.has(id),
      parameterNames: (primitive) => this.metadataOf(primitive)?.parameters.map(({ name }) => name),
    });
  }

  /** The document with the edits; whoever takes it may change it. */
  get edited(): Element {
    this.configuration.invalidate();
    return this.configuration.cib;
  }

  get changed(): boolean {
    return this.configuration.changed;
  }

  /** Learns what runs now, so that nothing running is deleted or renamed. A file has nothing running. */
  async learnRunning(): Promise<void> {
    const connection = await this.#session.connect();
    if (!connection.ok || connection.value.target.kind === 'file') return;
    const cib = await this.#session.readCib();
    if (!cib) return;
    const { runningResources } = await import('./configure-running.js');
    this.#running = runningResources(cib, this.#session.world.now());
  }

  /** Meta-data of a primitive's agent; null where there is none, undefined where nobody has asked for it. */
  metadataOf(primitive: Element): AgentMetadata | null | undefined {
    return this.#metadata.get(agentKey(primitive));
  }

  /** Finds out who offers these types, so that a bare type means the right provider. */
  async learnProviders(types: Iterable<string>): Promise<void> {
    const agents = agentsOf(this.#session);
    const connection = await this.#session.connect();
    const isFile = connection.ok && connection.value.target.kind === 'file';
    for (const type of types) {
      if (this.#providers.has(type)) continue;
      // On a file the agents are this machine's: looking for one is cheaper than listing all.
      const standard = isFile
        ? agents.programOf({ agentClass: 'ocf', provider: 'heartbeat', type }) !== null
        : (await agents.list('ocf', 'heartbeat')).includes(type);
      this.#providers.set(type, standard ? ['heartbeat'] : await agents.providers(type));
    }
  }

  /** Learns what `show` needs: who offers the types that are written bare. */
  async learnShownTypes(): Promise<void> {
    const types = new Set<string>();
    for (const { element } of this.configuration.objects()) {
      if (element.get('class') === 'ocf' && element.get('provider') === 'heartbeat') {
        types.add(element.get('type') ?? '');
      }
    }
    await this.learnProviders(types);
  }

  /** Reads the meta-data of the agents of these elements. */
  async learnAgents(elements: Iterable<Element>): Promise<void> {
    const agents = agentsOf(this.#session);
    for (const element of elements) {
      const whole = this.configuration.withTemplate(element);
      const key = whole && agentKey(whole);
      if (!whole || !key || this.#metadata.has(key)) continue;
      this.#metadata.set(
        key,
        await agents.metadata({
          agentClass: whole.get('class') ?? 'ocf',
          provider: whole.get('provider') ?? null,
          type: whole.get('type') ?? '',
        }),
      );
    }
  }

  /** Elements of the configuration that name an agent. */
  agentElements(): Element[] {
    return [...objectsOf(this.configuration.cib)]
      .filter(({ type }) => type === 'primitive' || type === 'rsc_template')
      .map(({ element }) => element);
  }

  /** Says what the last piece of work had to say; answers whether it was free of errors. */
  say(): boolean {
    let ok = true;
    for (const report of this.reports.take()) {
      if (report.severity === 'error') ok = false;
      sayReport(this.#session, report);
    }
    return ok;
  }
}

export function sayReport(session: Session, { severity, message }: Report): void {
  session.message(severity, message);
}

function agentKey(element: Element): string {
  const words = ['class', 'provider', 'type'].map((name) => element.get(name) ?? '');
  return words.every((word) => word === '') ? '' : words.join(':');
}

/** The session's copy, read from the cluster where there is none yet; null after the reason was reported. */
export async function openCopy(session: Session): Promise<ConfigureCopy | null> {
  if (session.workingCopy instanceof ConfigureCopy) return session.workingCopy;
  const cib = await session.readCib();
  if (!cib) return null;
  const copy = new ConfigureCopy(cib, session);
  session.workingCopy = copy;
  return copy;
}
