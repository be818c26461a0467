import { Failure } from './failure';

/** Who has access tokens. */
export interface Tokens {
  /** Another token than `spent`, which the API has refused. */
  renewed(spent: string): Promise<string>;
}

export interface Options {
  send?: (request: Request) => Promise<Response>;
  wait?: (milliseconds: number) => Promise<void>;
  random?: () => number;
}

const ATTEMPTS = 3;
/** A person waits for this long without being told; milliseconds. */
const PATIENCE = 3000;

/**
 * `fetch` for the generated client: sends again what may be sent again, and what was refused for its access token once
 * more with a new one.
 */
export function transport(tokens: Tokens, options: Options = {}): typeof fetch {
  const send = options.send ?? ((request) => fetch(request));
  const wait =
    options.wait ?? ((milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)));
  const random = options.random ?? Math.random;

  async function attempts(request: Request): Promise<Response> {
    for (let attempt = 1; ; attempt += 1) {
      const last = attempt === ATTEMPTS || !isRepeatable(request);
      const backoff = 250 * 2 ** attempt * (0.5 + random() / 2);
      try {
        const response = await send(request.clone());
        const pause = pauseAfter(response, backoff);
        if (last || pause === undefined || pause > PATIENCE) return response;
        await wait(pause);
      } catch (error) {
        if (last || request.signal.aborted) throw error;
        await wait(backoff);
      }
    }
  }

  return async (input, init) => {
    const request = new Request(input, init);
    const response = await attempts(request);
    const spent = /^Bearer (.+)$/.exec(request.headers.get('Authorization') ?? '')?.[1];
    if (response.status !== 401 || spent === undefined) return response;
    const again = new Request(request);
    again.headers.set('Authorization', `Bearer ${await tokens.renewed(spent)}`);
    const second = await attempts(again);
    if (second.status === 401) throw Failure.sessionOver();
    return second;
  };
}

/**
 * Whether a request whose answer was lost may be sent again. Of the API's POSTs that is so with an Idempotency-Key; a
 * PATCH with If-Match that had landed is 412 the second time, with the very memo that was sent.
 */
function isRepeatable(request: Request): boolean {
  return request.method !== 'POST' || request.headers.has('Idempotency-Key');
}

/** How long to wait before `response` is asked for again; undefined where it is the answer. */
function pauseAfter(response: Response, backoff: number): number | undefined {
  if (response.status !== 429 && response.status !== 503) return undefined;
  const seconds = Number(response.headers.get('Retry-After') ?? 0);
  return Math.max(backoff, Number.isFinite(seconds) ? seconds * 1000 : 0);
}
