import type { Memo } from '../api';

/** What a person writes of a memo. */
export interface Draft {
  title: string;
  content: string;
  tags: readonly string[];
}

export type Part = keyof Draft;

export const PARTS: readonly Part[] = ['title', 'content', 'tags'];

export const EMPTY: Draft = { title: '', content: '', tags: [] };

export function draftOf(memo: Memo): Draft {
  return { title: memo.title, content: memo.content, tags: memo.tags };
}

export function samePart(part: Part, a: Draft, b: Draft): boolean {
  if (part !== 'tags') return a[part] === b[part];
  return a.tags.length === b.tags.length && a.tags.every((tag, at) => tag === b.tags[at]);
}

export function sameDraft(a: Draft, b: Draft): boolean {
  return PARTS.every((part) => samePart(part, a, b));
}

/** What of `now` differs from `before`, as a merge patch. */
export function changes(before: Draft, now: Draft): { title?: string; content?: string; tags?: string[] } {
  return {
    ...(samePart('title', before, now) ? {} : { title: now.title }),
    ...(samePart('content', before, now) ? {} : { content: now.content }),
    ...(samePart('tags', before, now) ? {} : { tags: [...now.tags] }),
  };
}

/** The tags in `text`, separated by commas, as the service keeps them: NFC, trimmed, each once. */
export function tagsIn(text: string): string[] {
  const tags = text.split(',').map((tag) => tag.normalize('NFC').trim());
  return [...new Set(tags.filter((tag) => tag !== ''))];
}
