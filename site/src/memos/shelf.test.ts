import { expect, test, vi } from 'vitest';
import type { Memo } from '../api';
import { client } from '../api/client.gen';
import { memo } from './memo.fixture';
import type { Place } from './place';
import { Shelf } from './shelf';

const ALL: Place = { kind: 'all' };

/** Has the service answer each list with what `memos` tells of its query. */
function serve(memos: (query: URLSearchParams) => Memo[] | Promise<Memo[]>) {
  const fetch = vi.fn(async (request: Request | URL | string) => {
    const query = new URL((request as Request).url).searchParams;
    return Response.json({ memos: await memos(query) });
  });
  client.setConfig({ baseUrl: 'http://page', fetch: fetch as typeof globalThis.fetch });
  return fetch;
}

/** A shelf with these memos on it. */
async function shelf(memos: Memo[], place: Place = ALL, q = ''): Promise<Shelf> {
  serve((query) =>
    memos.filter(({ pinned }) => !query.has('pinned') || query.get('pinned') === String(pinned)),
  );
  const shelf = new Shelf();
  await shelf.show(place, q);
  while (shelf.reading.value === 'open') await shelf.more();
  return shelf;
}

const ids = (shelf: Shelf) => shelf.memos.value.map(({ id }) => id).join('');

test('what is pinned stands first, and the newest first of each', async () => {
  expect(ids(await shelf([memo('C'), memo('B', { pinned: true }), memo('A', { pinned: true })]))).toBe('BAC');
});

test('a memo that is pinned moves, and stands once', async () => {
  const it = await shelf([memo('C'), memo('B'), memo('A')]);
  it.put(memo('A', { pinned: true }));
  expect(ids(it)).toBe('ACB');
});

test('a memo that does not belong here any more goes', async () => {
  const tagged = await shelf([memo('A', { tags: ['x'] })], { kind: 'tag', tag: 'x' });
  tagged.put(memo('A', { tags: ['y'] }));
  expect(ids(tagged)).toBe('');
  const all = await shelf([memo('A')]);
  all.put(memo('A', { archived: true }));
  expect(ids(all)).toBe('');
  const found = await shelf([memo('A', { content: 'Milk' })], ALL, 'mILK');
  found.put(memo('B', { content: 'Tea' }));
  expect(ids(found)).toBe('A');
});

test('an answer that comes after another list was asked for is not shown', async () => {
  let release = () => {};
  const late = new Promise<void>((resolve) => {
    release = resolve;
  });
  serve(async (query) => {
    if (query.get('q') === 'slow') await late;
    return query.get('pinned') === 'true' ? [] : [memo(query.get('q') === 'slow' ? 'S' : 'F')];
  });
  const it = new Shelf();
  const slow = it.show(ALL, 'slow');
  await it.show(ALL, 'fast');
  release();
  await slow;
  expect([ids(it), it.reading.value]).toEqual(['F', 'ended']);
});

test('a list that fails says why, and goes on where it was when it is asked again', async () => {
  const it = await shelf([]);
  serve(() => Promise.reject(new TypeError('network')));
  await it.show(ALL, 'x');
  expect([it.reading.value, it.failure.value]).toMatchObject(['failed', { code: 'offline' }]);
  serve((query) => (query.get('pinned') === 'true' ? [] : [memo('A')]));
  await it.more();
  expect([ids(it), it.reading.value, it.failure.value]).toEqual(['A', 'ended', undefined]);
});
