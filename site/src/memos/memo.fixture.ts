import type { Memo } from '../api';

/** A memo for tests, that is nothing but its id. */
export function memo(id: string, over: Partial<Memo> = {}): Memo {
  const at = '2026-11-20T09:32:00.000Z';
  return {
    id,
    title: id,
    content: '',
    tags: [],
    pinned: false,
    archived: false,
    created_at: at,
    updated_at: at,
    version: 1,
    ...over,
  };
}
