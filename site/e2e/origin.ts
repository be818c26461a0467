import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';

/** What a distribution sends with the page. */
const HEADERS = {
  'Content-Security-Policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    "font-src 'self'",
    "connect-src 'self'",
    "worker-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    'trusted-types memo',
  ].join('; '),
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Opener-Policy': 'same-origin',
};

const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
};

const DIST = new URL('../dist/', import.meta.url).pathname;
const OF_THE_API = /^\/(v1|oauth|\.well-known|healthz)(\/|\?|$)/;

/** What a test does to calls of the API on their way: it may change or hold them, or lose the answer to what they did. */
export type Tamper = (call: {
  method: string;
  path: string;
  headers: Headers;
}) => Promise<undefined> | 'lose' | undefined;

/** The page and the API at one origin, as a distribution has them. */
export interface Origin {
  url: string;
  /** `METHOD /path` of each call of the API, in order. */
  calls: string[];
  tamper: Tamper | undefined;
  stop(): Promise<void>;
}

export async function startOrigin(api: string): Promise<Origin> {
  const server = createServer((request, response) => {
    const path = request.url ?? '/';
    const answered = OF_THE_API.test(path) ? forward(api, origin, request, response) : file(path, response);
    answered.catch((error: unknown) => {
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

async function file(path: string, response: ServerResponse): Promise<void> {
  const name = normalize(new URL(path, 'http://page').pathname).replace(/\/$/, '/index.html');
  try {
    const body = await readFile(join(DIST, name));
    response.writeHead(200, {
      ...HEADERS,
      'Content-Type': TYPES[extname(name)] ?? 'application/octet-stream',
    });
    response.end(body);
  } catch {
    response.writeHead(404, HEADERS).end();
  }
}

async function forward(
  api: string,
  origin: Origin,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const method = request.method ?? 'GET';
  const path = request.url ?? '/';
  const headers = new Headers();
  for (const [name, value] of Object.entries(request.headers)) {
    if (typeof value === 'string' && !['host', 'connection', 'content-length'].includes(name))
      headers.set(name, value);
  }
  const body: Uint8Array[] = [];
  for await (const part of request) body.push(part);
  origin.calls.push(`${method} ${path}`);
  // Of a connection that was used before, Chromium repeats a lost request by itself.
  response.shouldKeepAlive = false;
  const fate = await origin.tamper?.({ method, path, headers });
  const answer = await fetch(api + path, {
    method,
    headers,
    body: body.length > 0 ? Buffer.concat(body) : null,
  });
  if (fate === 'lose') {
    await answer.arrayBuffer();
    response.destroy();
    return;
  }
  const told = Object.fromEntries(
    [...answer.headers].filter(
      ([name]) =>
        !/^(content-encoding|transfer-encoding|content-length|connection|date|keep-alive)$/.test(name),
    ),
  );
  response.writeHead(answer.status, told);
  response.end(Buffer.from(await answer.arrayBuffer()));
}
