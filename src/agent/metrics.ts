import { createServer, type Server } from 'node:http';
import { isIP, type Socket } from 'node:net';
import type { Element } from '../cib/element.js';
import type { ClusterState } from '../protocol/messages.js';

/** What a page of metrics is made of. */
export interface MetricsSource {
  readonly cib: Element;
  readonly state: ClusterState;
  readonly nowMs: number;
}

/** Makes the page in Prometheus' text format; reads the tree at once and keeps nothing of it. */
export type MetricsWriter = (source: MetricsSource) => string;

export interface MetricsOptions {
  readonly address: string;
  readonly port: number;
  /** Loaded when the first page is asked for. */
  readonly writer: () => Promise<MetricsWriter>;
  readonly source: () => MetricsSource;
}

/** Making the page of a big cluster takes its time, and the agent has other work: it is made this often at most. */
const PAGE_AGE_MAX_MS = 2000;

/** `PORT`, `ADDRESS:PORT` or `[ADDRESS]:PORT`; without an address only this machine may ask. A text is a complaint. */
export function readMetricsAddress(text: string): { address: string; port: number } | string {
  const found = /^(?:(?:\[(?<six>[^\]]*)\]|(?<four>[^:]*)):)?(?<port>\d{1,5})$/.exec(text);
  const port = Number(found?.groups?.port ?? Number.NaN);
  const address = found?.groups?.six ?? found?.groups?.four ?? '127.0.0.1';
  if (!(port >= 0 && port <= 65_535) || isIP(address) === 0) {
    return `metrics are served at PORT, ADDRESS:PORT or [ADDRESS]:PORT, not at '${text}'`;
  }
  return { address, port };
}

/** Serves `/metrics` over plain HTTP until it is closed. Rejects where it cannot listen. */
export async function serveMetrics(options: MetricsOptions): Promise<{ port: number; close: () => void }> {
  let page: { readonly text: string; readonly atMs: number } | undefined;
  const render = async (): Promise<string> => {
    const write = await options.writer();
    const source = options.source();
    if (!page || source.nowMs - page.atMs >= PAGE_AGE_MAX_MS || source.nowMs < page.atMs) {
      page = { text: write(source), atMs: source.nowMs };
    }
    return page.text;
  };
  const sockets = new Set<Socket>();
  const server: Server = createServer((request, response) => {
    const answer = (status: number, type: string, text: string) => {
      response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(text) });
      response.end(request.method === 'HEAD' ? undefined : text);
    };
    if (request.method !== 'GET' && request.method !== 'HEAD') answer(405, 'text/plain', 'GET only\n');
    else if (request.url?.split('?')[0] !== '/metrics')
      answer(404, 'text/plain', 'metrics are at /metrics\n');
    else {
      render().then(
        (text) => answer(200, 'text/plain; version=0.0.4; charset=utf-8', text),
        (error: Error) => answer(500, 'text/plain', `${error.message}\n`),
      );
    }
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    // Who asks must not keep the agent from ending.
    socket.unref();
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.address, resolve);
  });
  server.unref();
  const bound = server.address();
  return {
    port: typeof bound === 'object' && bound ? bound.port : options.port,
    close: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
