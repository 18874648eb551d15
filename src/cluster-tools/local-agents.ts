import { executablesFolder, shippedAgentsFolder } from '../command-line/installation.js';
import type { Surroundings } from '../command-line/tool.js';
import type { OperationContext, Outcome } from '../executor/agent-class.js';
import { runChild } from '../executor/child.js';
import { availableClassNames, findClass } from '../executor/classes.js';
import { baseEnvironment } from '../executor/environment.js';
import { findPlaces, type Places } from '../executor/places.js';
import type { OperationRequest } from '../executor/types.js';

/** Agents of this host, run by the tool itself: past the cluster and without one. */
export interface LocalAgents {
  classes(): readonly string[];
  providers(): readonly string[];
  list(agentClass: string, provider?: string): readonly string[];
  metadata(agentClass: string, provider: string | undefined, type: string): Promise<string | null>;
  execute(request: OperationRequest): Promise<Outcome | undefined>;
}

const METADATA_TIMEOUT_MS = 30_000;

function contextOf(
  places: Places,
  environment: Readonly<Record<string, string>>,
  timeoutMs: number,
): OperationContext {
  const startedAt = performance.now();
  const remainingMs = () => Math.max(1, Math.ceil(timeoutMs - (performance.now() - startedAt)));
  return {
    places,
    environment,
    isStarted: true,
    timeoutMs,
    remainingMs,
    run: (command) =>
      runChild({ ...command, marker: `tool-${process.pid}`, timeoutMs: remainingMs() }, null).done,
    sleep: (ms) => new Promise((resolve) => setTimeout(() => resolve(true), ms)),
  };
}

/** Opens the agents of this host. */
export function localAgents({ env }: Surroundings): LocalAgents {
  const root = env.QUORATE_ROOT ?? '';
  const tools = executablesFolder();
  const shippedAgents = shippedAgentsFolder();
  const places = findPlaces({
    root,
    environment: env,
    ...(tools ? { tools } : {}),
    ...(shippedAgents ? { shippedAgents } : {}),
  });
  const environment = baseEnvironment(places, env);
  return {
    classes: () => availableClassNames(places),
    providers: () => findClass('ocf')?.providers?.(places) ?? [],
    list: (agentClass, provider) => findClass(agentClass)?.list(places, provider) ?? [],
    metadata: async (agentClass, provider, type) =>
      (await findClass(agentClass)?.metadata(
        type,
        provider,
        contextOf(places, environment, METADATA_TIMEOUT_MS),
      )) ?? null,
    execute: async (request) =>
      findClass(request.agent.class)?.execute(request, contextOf(places, environment, request.timeoutMs)),
  };
}
