import { expect, test } from 'vitest';
import { transport } from './transport';

type Step = Response | Error;

/** A service that answers with `steps`, and what it was sent. */
function talk(...steps: (() => Step)[]) {
  const sent: string[] = [];
  const waits: number[] = [];
  const send = async (request: Request) => {
    sent.push(
      `${request.method} ${request.headers.get('Authorization') ?? '-'} ${await request.text()}`.trim(),
    );
    const step = (steps[sent.length - 1] ?? steps.at(-1))?.() ?? new Error('no steps');
    if (step instanceof Error) throw step;
    return step;
  };
  const options = {
    send,
    wait: async (milliseconds: number) => void waits.push(milliseconds),
    random: () => 1,
  };
  return { fetch: transport({ renewed: async () => 'fresh' }, options), sent, waits };
}

const URL = 'http://page/v1/memos';
const answered =
  (status: number, headers: Record<string, string> = {}) =>
  () =>
    new Response(status === 204 ? null : '{}', { status, headers });
const lost = () => new TypeError('network');

test('what is refused for its token is sent once more with another', async () => {
  const { fetch, sent } = talk(answered(401), answered(200));
  const response = await fetch(URL, {
    method: 'POST',
    body: 'x',
    headers: { Authorization: 'Bearer stale' },
  });
  expect(response.status).toBe(200);
  expect(sent).toEqual(['POST Bearer stale x', 'POST Bearer fresh x']);
});

test('a fresh token that is refused too is the end of the session', async () => {
  const { fetch } = talk(answered(401));
  await expect(fetch(URL, { headers: { Authorization: 'Bearer stale' } })).rejects.toMatchObject({
    code: 'session-over',
  });
});

test('wrong credentials are no reason to renew a token', async () => {
  const { fetch, sent } = talk(answered(401));
  expect((await fetch(URL, { method: 'POST', body: 'x' })).status).toBe(401);
  expect(sent).toHaveLength(1);
});

test('an answer that is lost is asked for again, three times in all', async () => {
  const { fetch, sent } = talk(lost);
  await expect(fetch(URL)).rejects.toThrow('network');
  expect(sent).toHaveLength(3);
});

test('a POST is sent again only under an Idempotency-Key', async () => {
  const without = talk(lost);
  await expect(without.fetch(URL, { method: 'POST', body: 'x' })).rejects.toThrow();
  expect(without.sent).toHaveLength(1);
  const having = talk(lost, answered(201));
  const response = await having.fetch(URL, {
    method: 'POST',
    body: 'x',
    headers: { 'Idempotency-Key': 'k' },
  });
  expect([response.status, having.sent.length]).toEqual([201, 2]);
});

test('Retry-After is waited for, if a person would', async () => {
  const busy = talk(answered(503, { 'Retry-After': '1' }), answered(200));
  expect((await busy.fetch(URL)).status).toBe(200);
  expect(busy.waits).toEqual([1000]);
  const blocked = talk(answered(429, { 'Retry-After': '30' }));
  expect((await blocked.fetch(URL)).status).toBe(429);
  expect(blocked.sent).toHaveLength(1);
});

test('the pauses between attempts grow', async () => {
  const { fetch, waits } = talk(lost, lost, answered(200));
  await fetch(URL);
  expect(waits).toEqual([500, 1000]);
});

test('what the caller has given up is not sent again', async () => {
  const abort = new AbortController();
  const { fetch, sent } = talk(() => {
    abort.abort();
    return lost();
  });
  await expect(fetch(URL, { signal: abort.signal })).rejects.toThrow();
  expect(sent).toHaveLength(1);
});
