// The page's service worker. It renews sessions, since a page that is reloaded while its refresh token is exchanged never
// sees the next one, and the session is lost. It intercepts no requests.
import type { TokenResponse } from './api';
import { Failure } from './failure';
import { Database } from './session/keep';
import { RENEW, type Reply } from './session/postman';
import { browserLock, renew } from './session/renewal';

interface Scope extends EventTarget {
  skipWaiting(): Promise<void>;
}
interface Extendable extends MessageEvent {
  waitUntil(work: Promise<unknown>): void;
}

const scope = globalThis as unknown as Scope;
const keep = new Database();

scope.addEventListener('install', () => void scope.skipWaiting());
scope.addEventListener('message', (event) => {
  const { data, ports, waitUntil } = event as Extendable;
  if (data !== RENEW) return;
  waitUntil.call(
    event,
    reply().then((answer) => ports[0]?.postMessage(answer)),
  );
});

async function reply(): Promise<Reply> {
  try {
    return { tokens: await renew(keep, exchange, browserLock) };
  } catch (error) {
    const { status, code, detail } = error instanceof Failure ? error : Failure.offline();
    return { failure: { status, code, detail } };
  }
}

async function exchange(refreshToken: string): Promise<TokenResponse> {
  const body = new URLSearchParams({ grant_type: 'refresh_token', refresh_token: refreshToken });
  const response = await fetch('/oauth/token', {
    method: 'POST',
    body,
    cache: 'no-store',
    credentials: 'omit',
  });
  if (!response.ok) throw Failure.of(response, await response.json().catch(() => undefined));
  return response.json();
}
