import { expect, test } from 'vitest';
import { answer } from './answer';
import { createMemo } from './api';
import { createClient } from './api/client';

/** What the generated client makes of a `fetch` like this. */
function create(fetch: () => Promise<Response>) {
  const client = createClient({ baseUrl: 'http://page', fetch, auth: 'token' });
  return answer(createMemo({ client, body: { title: 'Milk' } }));
}

const json = { 'Content-Type': 'application/json', ETag: '"v1"' };

test('an answer has its data and its entity tag', async () => {
  const body = JSON.stringify({ id: 'ID', title: 'Milk' });
  const { data, etag } = await create(async () => new Response(body, { status: 201, headers: json }));
  expect([data.title, etag]).toEqual(['Milk', '"v1"']);
});

test('an error answer is a failure with what it tells', async () => {
  const problem = JSON.stringify({ code: 'quota-exceeded', title: 'Forbidden', detail: 'Too many.' });
  await expect(create(async () => new Response(problem, { status: 403 }))).rejects.toMatchObject({
    status: 403,
    code: 'quota-exceeded',
    detail: 'Too many.',
  });
});

test('an error answer of something in between, which is no JSON, is one too', async () => {
  await expect(create(async () => new Response('<html>', { status: 502 }))).rejects.toMatchObject({
    status: 502,
  });
});

test('no answer, and one that breaks off, are a want of connection', async () => {
  await expect(create(async () => Promise.reject(new TypeError('Failed to fetch')))).rejects.toMatchObject({
    code: 'offline',
  });
  const broken = new ReadableStream({ start: (stream) => stream.error(new TypeError('terminated')) });
  await expect(
    create(async () => new Response(broken, { status: 201, headers: json })),
  ).rejects.toMatchObject({
    code: 'offline',
  });
});

test('what the caller has given up is neither', async () => {
  const given = new DOMException('', 'AbortError');
  await expect(create(async () => Promise.reject(given))).rejects.toBe(given);
});
