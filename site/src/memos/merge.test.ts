import { describe, expect, test } from 'vitest';
import type { Draft } from './draft';
import { compare, merge } from './merge';

function draft(content: string, title = 'T', tags: string[] = []): Draft {
  return { title, content, tags };
}

describe('a merge', () => {
  test('takes the changes of both where they are at different lines', () => {
    const merged = merge(draft('a\nb\nc'), draft('A\nb\nc'), draft('a\nb\nC\nd'));
    expect(merged).toEqual({ draft: draft('A\nb\nC\nd'), clashes: false });
  });

  test('has both where both have changed the same line, mine first', () => {
    const merged = merge(draft('a\nb'), draft('a\nmine'), draft('a\ntheirs'));
    expect(merged).toEqual({ draft: draft('a\nmine\ntheirs'), clashes: true });
  });

  test('has once what both have changed alike', () => {
    expect(merge(draft('a\nb'), draft('a\nx'), draft('a\nx'))).toEqual({
      draft: draft('a\nx'),
      clashes: false,
    });
  });

  test('has the lines that both have added, without a clash', () => {
    expect(merge(draft('a'), draft('a\nx'), draft('a\ny'))).toEqual({
      draft: draft('a\nx\ny'),
      clashes: false,
    });
  });

  test('leaves out what one has deleted and the other left alone', () => {
    expect(merge(draft('a\nb\nc'), draft('a\nc'), draft('a\nb\nc\nd')).draft.content).toBe('a\nc\nd');
  });

  test('of nothing written by one is what the other has', () => {
    expect(merge(draft('a'), draft('a'), draft('z\ny', 'U', ['t'])).draft).toEqual(draft('z\ny', 'U', ['t']));
  });

  test('takes the title of who has changed it', () => {
    expect(merge(draft(''), draft('', 'Mine'), draft('')).draft.title).toBe('Mine');
    expect(merge(draft(''), draft(''), draft('', 'Theirs')).draft.title).toBe('Theirs');
  });

  test('has both titles where both have changed it', () => {
    expect(merge(draft(''), draft('', 'Mine'), draft('', 'Theirs'))).toEqual({
      draft: draft('', 'Mine / Theirs'),
      clashes: true,
    });
  });

  test('has the tags that either has added, and not those that either has taken away', () => {
    const merged = merge(
      draft('', 'T', ['a', 'b', 'c']),
      draft('', 'T', ['b', 'c', 'x']),
      draft('', 'T', ['a', 'b', 'y']),
    );
    expect(merged.draft.tags).toEqual(['b', 'x', 'y']);
  });

  test('of texts that are too long to compare says that it clashes', () => {
    const long = (word: string) => Array.from({ length: 3000 }, (_, at) => `${word} ${at}`).join('\n');
    expect(merge(draft(long('a')), draft(long('b')), draft(long('c'))).clashes).toBe(true);
  });
});

test('a comparison tells the lines that the other does not have', () => {
  expect(compare('a\nb\nc', 'a\nc')).toEqual([
    { line: 'a', shared: true },
    { line: 'b', shared: false },
    { line: 'c', shared: true },
  ]);
});
