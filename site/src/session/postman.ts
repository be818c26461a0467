import type { TokenResponse } from '../api';
import { Failure } from '../failure';

/** What the service worker answers when it is asked to renew. */
export type Reply = { tokens: TokenResponse } | { failure: { status: number; code: string; detail: string } };

export const RENEW = 'renew';

/** How long to wait for a worker that is being installed, and for its answer; milliseconds. */
const INSTALLATION = 1000;
const ANSWER = 30_000;

/** Registers the service worker, where the browser and the page's origin have one. */
export function register(): Promise<ServiceWorkerRegistration | undefined> {
  if (!('serviceWorker' in navigator) || !import.meta.env.PROD) return Promise.resolve(undefined);
  return navigator.serviceWorker.register(workerUrl()).catch(() => undefined);
}

/** The worker, if one serves. */
export async function worker(): Promise<ServiceWorker | undefined> {
  if (!('serviceWorker' in navigator)) return undefined;
  const registration = await Promise.race([navigator.serviceWorker.getRegistration(), later(INSTALLATION)]);
  return registration?.active ?? undefined;
}

/** Has `worker` renew the session. */
export async function ask(worker: ServiceWorker): Promise<TokenResponse> {
  const { port1, port2 } = new MessageChannel();
  const reply = new Promise<Reply>((resolve) => {
    port1.onmessage = ({ data }) => resolve(data);
  });
  worker.postMessage(RENEW, [port2]);
  const answer = await Promise.race([reply, later(ANSWER)]);
  port1.close();
  if (!answer) throw Failure.offline();
  if ('failure' in answer) throw new Failure(answer.failure);
  return answer.tokens;
}

function later(milliseconds: number): Promise<undefined> {
  return new Promise((resolve) => setTimeout(() => resolve(undefined), milliseconds));
}

const WORKER = '/worker.js';

/** Where Trusted Types are required, what names a script has to come from a policy; this one knows one script. */
function workerUrl(): string {
  const types: unknown = Reflect.get(globalThis, 'trustedTypes');
  if (!types) return WORKER;
  const { createPolicy } = types as {
    createPolicy(name: string, rules: object): { createScriptURL(url: string): string };
  };
  return createPolicy.call(types, 'memo', { createScriptURL: () => WORKER }).createScriptURL(WORKER);
}
