import { expect, test, vi } from 'vitest';
import type { Memo, MemoPage } from '../api';
import { Failure } from '../failure';
import { memo } from './memo.fixture';
import { Pager, type Query } from './pager';

function page(ids: string, next?: string): MemoPage {
  return { memos: [...ids].map((id) => memo(id)), ...(next === undefined ? {} : { next_cursor: next }) };
}

/** A service with `pages` by query and cursor. */
function service(pages: Record<string, MemoPage>) {
  return vi.fn(async (query: Query, cursor: string | undefined): Promise<MemoPage> => {
    const found =
      pages[`${query.pinned === undefined ? '' : query.pinned ? 'pinned' : 'others'}${cursor ?? ''}`];
    if (!found) throw new Failure({ status: 400, code: 'invalid-query' });
    return found;
  });
}

const ids = (memos: Memo[]) => memos.map(({ id }) => id).join('');

test('pages come one after the other until there is no cursor', async () => {
  const pager = new Pager([{}], service({ '': page('ab', '1'), 1: page('c') }));
  expect(ids(await pager.next())).toBe('ab');
  expect(pager.ended).toBe(false);
  expect(ids(await pager.next())).toBe('c');
  expect(pager.ended).toBe(true);
  expect(await pager.next()).toEqual([]);
});

test('an empty page with a cursor is not the end', async () => {
  const pager = new Pager([{}], service({ '': page('', '1'), 1: page('', '2'), 2: page('a') }));
  expect(ids(await pager.next())).toBe('a');
});

test('one list follows the other', async () => {
  const pager = new Pager(
    [{ pinned: true }, { pinned: false }],
    service({ pinned: page('p'), others: page('o') }),
  );
  expect(ids(await pager.next())).toBe('p');
  expect(ids(await pager.next())).toBe('o');
  expect(pager.ended).toBe(true);
});

test('an empty list gives way to the next at once', async () => {
  const pager = new Pager(
    [{ pinned: true }, { pinned: false }],
    service({ pinned: page(''), others: page('o') }),
  );
  expect(ids(await pager.next())).toBe('o');
});

test('who asks twice at a time gets the same page', async () => {
  const read = service({ '': page('a', '1'), 1: page('b') });
  const pager = new Pager([{}], read);
  const [one, two] = await Promise.all([pager.next(), pager.next()]);
  expect(one).toBe(two);
  expect(read).toHaveBeenCalledTimes(1);
});

test('a page that failed is asked for again', async () => {
  const read = vi.fn(service({ '': page('a') })).mockRejectedValueOnce(Failure.offline());
  const pager = new Pager([{}], read);
  await expect(pager.next()).rejects.toMatchObject({ code: 'offline' });
  expect(ids(await pager.next())).toBe('a');
});

test('a cursor that is not good any more begins its list anew', async () => {
  const pager = new Pager([{}], service({ '': page('a', 'gone') }));
  await pager.next();
  expect(ids(await pager.next())).toBe('a');
});
