import { expect, test } from 'vitest';
import { changes, tagsIn } from './draft';
import { addressOf, type Place, placeIn } from './place';

test('tags are trimmed, in NFC, and each stands once', () => {
  expect(tagsIn(' a, b ,a,, cafe\u0301')).toEqual(['a', 'b', 'caf\u00e9']);
});

test('what has not changed is no part of a change', () => {
  const before = { title: 'a', content: 'b', tags: ['x', 'y'] };
  expect(changes(before, { ...before, tags: ['x', 'y'] })).toEqual({});
  expect(changes(before, { title: 'a', content: 'c', tags: [] })).toEqual({ content: 'c', tags: [] });
});

test('each place is found again by its address', () => {
  const places: Place[] = [{ kind: 'all' }, { kind: 'archive' }, { kind: 'tag', tag: 'a/b #ü%' }];
  for (const place of places) expect(placeIn(addressOf(place))).toEqual(place);
});

test('an address that nobody has made is that of all memos', () => {
  for (const hash of ['', '#', '#/nowhere', '#/tags/', '#/tags/%E0%A4%A'])
    expect(placeIn(hash)).toEqual({ kind: 'all' });
});
