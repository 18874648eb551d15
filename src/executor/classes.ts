/** The classes of agents there are. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { AgentClass } from './agent-class.js';
import { stonith } from './fence-agent.js';
import { heartbeat } from './heartbeat.js';
import { lsb } from './lsb.js';
import { nagios } from './nagios.js';
import { ocf } from './ocf.js';
import type { Places } from './places.js';
import { systemd } from './systemd.js';

/** Class `service`: an init script where there is one, else a systemd unit. */
const service: AgentClass = {
  name: 'service',
  execute: (request, context) => serviceClass(request.agent.type, context.places).execute(request, context),
  list: (places) => lsb.list(places),
  metadata: (type, provider, context) => serviceClass(type, context.places).metadata(type, provider, context),
};

function serviceClass(type: string, places: Places): AgentClass {
  return existsSync(join(places.initScripts, type)) ? lsb : systemd;
}

const CLASSES: readonly AgentClass[] = [heartbeat, lsb, nagios, ocf, service, stonith, systemd];

export function findClass(name: string): AgentClass | undefined {
  return CLASSES.find((agentClass) => agentClass.name === name);
}

/** Names of the classes that this host has agents or a service manager for, in the order that Pacemaker lists them. */
export function availableClassNames(places: Places): string[] {
  const some = (agentClass: AgentClass) => agentClass.list(places).length > 0;
  return [
    'ocf',
    'lsb',
    'service',
    ...(existsSync('/run/systemd/system') ? ['systemd'] : []),
    ...(some(nagios) ? ['nagios'] : []),
    ...(readable(places.heartbeatScripts[0]) ? ['heartbeat'] : []),
    'stonith',
  ];
}

function readable(folder: string | undefined): boolean {
  return folder !== undefined && existsSync(folder);
}

/** Names of all classes, sorted. */
export function classNames(): string[] {
  return CLASSES.map((agentClass) => agentClass.name);
}
