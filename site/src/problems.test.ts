import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { Failure } from './failure';
import { words, wordsOf } from './problems';

/** The codes of the API's description. */
function codes(): string[] {
  const text = readFileSync(new URL('../../handlers/openapi.yaml', import.meta.url), 'utf8');
  const listed = (schema: string) =>
    new RegExp(`\\n {4}${schema}:\\n[\\s\\S]*?enum:\\n((?: +- [\\w-]+\\n)+)`).exec(text)?.[1] ?? '';
  const schema = listed('ProblemCode') + listed('OAuthError');
  return schema
    .trim()
    .split('\n')
    .map((line) => line.replace(/^\s*- /, ''));
}

test('there are words for every code that the API knows', () => {
  expect(codes().length).toBeGreaterThan(30);
  for (const code of codes())
    expect(words(new Failure({ status: 400, code, detail: 'raw' })), code).not.toBe('raw');
});

test('of a code that is not known the service tells itself', () => {
  const failure = { status: 418, code: 'teapot', title: 'A teapot', detail: 'It is short and stout.' };
  expect(words(new Failure(failure))).toBe('It is short and stout.');
  expect(words(new Failure({ ...failure, detail: '' }))).toBe('A teapot');
  expect(words(new Failure({ status: 418, code: 'toString' }))).toContain('418');
});

test('a throttled attempt tells when the next one is heard', () => {
  const after = (retryAfter?: number) =>
    words(new Failure({ status: 429, code: 'too-many-attempts', retryAfter }));
  expect(after(1)).toContain('in 1 second.');
  expect(after(30)).toContain('in 30 seconds.');
  expect(after(900)).toContain('in 15 minutes.');
  expect(after()).toContain('in a moment.');
});

test('what is wrong with a member stands at its field', () => {
  const members = [
    { pointer: '#/tags/0', detail: 'must have 1 to 50 characters' },
    { pointer: '#/tags/3', detail: 'must have 1 to 50 characters' },
    { pointer: '#/title', detail: 'must not be empty' },
  ];
  const failure = new Failure({ status: 422, code: 'invalid-body', members });
  expect(wordsOf(failure, 'tags')).toBe('Must have 1 to 50 characters.');
  expect(wordsOf(failure, 'title')).toBe('Must not be empty.');
  expect(wordsOf(failure, 'content')).toBeUndefined();
});

test('problem details and errors of RFC 6749 are read alike', () => {
  const response = new Response(null, { status: 429, headers: { 'Retry-After': '7' } });
  expect(Failure.of(response, { code: 'too-many-attempts', title: 'T', detail: 'D' })).toMatchObject({
    status: 429,
    code: 'too-many-attempts',
    detail: 'D',
    retryAfter: 7,
  });
  expect(Failure.of(response, { error: 'invalid_grant', error_description: 'D' })).toMatchObject({
    code: 'invalid_grant',
    detail: 'D',
  });
  expect(Failure.of(response, '<html>')).toMatchObject({ code: 'unreadable', members: [] });
});
