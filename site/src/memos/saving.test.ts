import { describe, expect, test, vi } from 'vitest';
import type { Memo } from '../api';
import { Failure } from '../failure';
import type { Draft } from './draft';
import { Creation, change, type Ports } from './saving';

const DRAFT: Draft = { title: 'Milk', content: 'Two litres', tags: ['shopping'] };

function memo(draft: Draft, version = 1): Memo {
  const at = '2026-11-20T09:32:00.000Z';
  return {
    ...draft,
    tags: [...draft.tags],
    id: 'ID',
    pinned: false,
    archived: false,
    created_at: at,
    updated_at: at,
    version,
  };
}

function ports(over: Partial<Ports>): Ports {
  let keys = 0;
  return {
    create: async (draft) => memo(draft),
    patch: async (_id, draft) => memo({ ...DRAFT, ...draft }, 2),
    get: async () => memo(DRAFT),
    key: () => `key-${++keys}`,
    ...over,
  };
}

const refused = (status: number, code: string) => new Failure({ status, code });

describe('a creation', () => {
  test('whose answer was lost is sent again under the same key', async () => {
    const create = vi
      .fn(async (draft: Draft, _key: string) => memo(draft))
      .mockRejectedValueOnce(Failure.offline());
    const creation = new Creation(ports({ create }));
    await expect(creation.save(DRAFT)).rejects.toMatchObject({ code: 'offline' });
    expect(await creation.save(DRAFT)).toMatchObject({ kind: 'saved' });
    expect(create.mock.calls).toEqual([
      [DRAFT, 'key-1'],
      [DRAFT, 'key-1'],
    ]);
  });

  test('that was written on after its answer was lost is still one memo', async () => {
    const create = vi
      .fn(async (draft: Draft, _key: string) => memo(draft))
      .mockRejectedValueOnce(Failure.offline());
    const patch = vi.fn(async () => memo({ ...DRAFT, title: 'Oat milk' }, 2));
    const creation = new Creation(ports({ create, patch }));
    await expect(creation.save(DRAFT)).rejects.toThrow();
    const saved = await creation.save({ ...DRAFT, title: 'Oat milk' });
    expect(saved).toMatchObject({ kind: 'saved', memo: { title: 'Oat milk' } });
    expect(create).toHaveBeenLastCalledWith(DRAFT, 'key-1');
    expect(patch).toHaveBeenCalledExactlyOnceWith('ID', { title: 'Oat milk' }, '"v1"');
  });

  test('that was refused is another one, under another key, when it is put right', async () => {
    const create = vi
      .fn(async (draft: Draft, _key: string) => memo(draft))
      .mockRejectedValueOnce(refused(422, 'invalid-body'));
    const creation = new Creation(ports({ create }));
    await expect(creation.save({ ...DRAFT, title: '' })).rejects.toMatchObject({ status: 422 });
    await creation.save(DRAFT);
    expect(create).toHaveBeenLastCalledWith(DRAFT, 'key-2');
  });
});

describe('a change', () => {
  test('sends what is different, against the version that was read', async () => {
    const patch = vi.fn(async () => memo(DRAFT, 4));
    await change(memo(DRAFT, 3), { ...DRAFT, content: 'Three' }, ports({ patch }));
    expect(patch).toHaveBeenCalledExactlyOnceWith('ID', { content: 'Three' }, '"v3"');
  });

  test('of nothing is not sent', async () => {
    const patch = vi.fn();
    expect(await change(memo(DRAFT), DRAFT, ports({ patch }))).toMatchObject({ kind: 'saved' });
    expect(patch).not.toHaveBeenCalled();
  });

  test('that somebody else was faster than comes back with theirs', async () => {
    const theirs = memo({ ...DRAFT, content: 'Theirs' }, 2);
    const given = ports({
      patch: async () => Promise.reject(refused(412, 'precondition-failed')),
      get: async () => theirs,
    });
    expect(await change(memo(DRAFT), { ...DRAFT, content: 'Mine' }, given)).toEqual({
      kind: 'changed',
      theirs,
    });
  });

  test('whose answer was lost, and that meets itself the second time, is saved', async () => {
    const mine = { ...DRAFT, content: 'Mine' };
    const given = ports({
      patch: async () => Promise.reject(refused(412, 'precondition-failed')),
      get: async () => memo(mine, 2),
    });
    expect(await change(memo(DRAFT), mine, given)).toEqual({ kind: 'saved', memo: memo(mine, 2) });
  });

  test('of a memo that was deleted says so', async () => {
    const given = ports({ patch: async () => Promise.reject(refused(404, 'not-found')) });
    expect(await change(memo(DRAFT), { ...DRAFT, content: 'Mine' }, given)).toEqual({ kind: 'deleted' });
  });
});
