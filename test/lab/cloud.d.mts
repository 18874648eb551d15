import type { IncomingMessage, Server, ServerResponse } from 'node:http';

export interface Droplet {
  readonly id: number;
  readonly name: string;
  readonly address: string;
}

export function createCloud(options: {
  ip: string;
  token: string;
  droplets: readonly Droplet[];
  move: (from: string | null, to: string | null) => Promise<void>;
  delayMs?: number;
  log?: (line: string) => void;
}): { handler: (request: IncomingMessage, response: ServerResponse) => void; holder: () => string | null };

export function listen(
  handler: (request: IncomingMessage, response: ServerResponse) => void,
  addresses: readonly string[],
): Promise<Server[]>;
