import { request as ask, createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

const OF_THE_API = /^\/(v1|oauth|\.well-known|healthz)(\/|\?|$)/;

/** What a test does to calls of the API on their way: it may change or hold them, or lose the answer to what they did. */
export type Tamper = (call: {
  method: string;
  path: string;
  headers: Headers;
}) => Promise<undefined> | 'lose' | undefined;

/** The page and the API at one origin, which is the distribution's, seen through a test's eyes. */
export interface Origin {
  url: string;
  /** `METHOD /path` of each call of the API, in order. */
  calls: string[];
  tamper: Tamper | undefined;
  stop(): Promise<void>;
}

/** Stands before the distribution at `site`, and passes on what comes. */
export async function startOrigin(site: string): Promise<Origin> {
  const server = createServer((request, response) => {
    forward(new URL(site), origin, request, response).catch((error: unknown) => {
      response.writeHead(502).end(String(error));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin: Origin = {
    // Web Locks and randomUUID are there in secure contexts; localhost is one.
    url: `http://localhost:${(server.address() as AddressInfo).port}`,
    calls: [],
    tamper: undefined,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return origin;
}

async function forward(
  site: URL,
  origin: Origin,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const method = request.method ?? 'GET';
  const path = request.url ?? '/';
  const headers = new Headers();
  for (const [name, value] of Object.entries(request.headers)) {
    if (typeof value === 'string' && !['host', 'connection'].includes(name)) headers.set(name, value);
  }
  const body: Uint8Array[] = [];
  for await (const part of request) body.push(part);
  const isCall = OF_THE_API.test(path);
  if (isCall) {
    origin.calls.push(`${method} ${path}`);
    // Of a connection that was used before, Chromium repeats a lost request by itself.
    response.shouldKeepAlive = false;
  }
  const fate = isCall ? await origin.tamper?.({ method, path, headers }) : undefined;
  const answer = await answerOf(site, method, path, headers, Buffer.concat(body));
  if (fate === 'lose') {
    answer.resume();
    response.destroy();
    return;
  }
  const { connection: _, 'keep-alive': __, ...told } = answer.headers;
  response.writeHead(answer.statusCode ?? 502, told);
  answer.pipe(response);
}

/** What the distribution answers, by its own name: not every resolver knows that `*.localhost` is this machine. */
function answerOf(
  site: URL,
  method: string,
  path: string,
  headers: Headers,
  body: Buffer,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const call = ask(
      {
        host: '127.0.0.1',
        port: site.port,
        method,
        path,
        headers: { ...Object.fromEntries(headers), host: site.host },
      },
      resolve,
    );
    call.once('error', reject);
    call.end(body);
  });
}
