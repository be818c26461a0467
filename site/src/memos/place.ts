import type { Query } from './pager';

/** Which list is shown; the address bar has it, so that it can be kept and gone back to. */
export type Place = { kind: 'all' } | { kind: 'archive' } | { kind: 'tag'; tag: string };

/** The place that the fragment of an address names. */
export function placeIn(hash: string): Place {
  if (hash === '#/archive') return { kind: 'archive' };
  const tag = /^#\/tags\/(.+)$/.exec(hash)?.[1];
  if (tag === undefined) return { kind: 'all' };
  try {
    return { kind: 'tag', tag: decodeURIComponent(tag) };
  } catch {
    return { kind: 'all' };
  }
}

export function addressOf(place: Place): string {
  switch (place.kind) {
    case 'all':
      return '#/';
    case 'archive':
      return '#/archive';
    case 'tag':
      return `#/tags/${encodeURIComponent(place.tag)}`;
  }
}

export function nameOf(place: Place): string {
  switch (place.kind) {
    case 'all':
      return 'Memos';
    case 'archive':
      return 'Archive';
    case 'tag':
      return `Tag: ${place.tag}`;
  }
}

/** The lists to read one after the other: what is pinned stands first, save in the archive. */
export function queriesOf(place: Place, q: string): Query[] {
  const search: Query = q === '' ? {} : { q };
  switch (place.kind) {
    case 'all':
      return [
        { ...search, pinned: true },
        { ...search, pinned: false },
      ];
    case 'archive':
      return [{ ...search, archived: true }];
    case 'tag':
      return [
        { ...search, tag: place.tag, pinned: true },
        { ...search, tag: place.tag, pinned: false },
      ];
  }
}
