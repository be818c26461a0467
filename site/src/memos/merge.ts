import { type Draft, samePart } from './draft';

export interface Merged {
  draft: Draft;
  /** Whether both have changed the same, so that a person has to look. */
  clashes: boolean;
}

/** What comes of two drafts that both began with `base`. Where both have changed the same lines, both stand. */
export function merge(base: Draft, mine: Draft, theirs: Draft): Merged {
  const title = mergeWhole(base, mine, theirs);
  const content = mergeLines(lines(base.content), lines(mine.content), lines(theirs.content));
  return {
    draft: {
      title: title.value,
      content: content.value.join('\n'),
      tags: mergeTags(base.tags, mine.tags, theirs.tags),
    },
    clashes: title.clashes || content.clashes,
  };
}

interface Piece<T> {
  value: T;
  clashes: boolean;
}

function mergeWhole(base: Draft, mine: Draft, theirs: Draft): Piece<string> {
  if (samePart('title', mine, theirs) || samePart('title', base, theirs))
    return { value: mine.title, clashes: false };
  if (samePart('title', base, mine)) return { value: theirs.title, clashes: false };
  return { value: `${mine.title} / ${theirs.title}`, clashes: true };
}

/** Tags are a set: what either has added is there, what either has taken away is not. */
function mergeTags(base: readonly string[], mine: readonly string[], theirs: readonly string[]): string[] {
  const all = [...new Set([...mine, ...theirs])];
  return all.filter((tag) => (base.includes(tag) ? mine.includes(tag) && theirs.includes(tag) : true));
}

/** diff3: between lines that all three share, who changed something wins; where both did, both stand, mine first. */
function mergeLines(base: string[], mine: string[], theirs: string[]): Piece<string[]> {
  const inMine = matches(base, mine);
  const inTheirs = matches(base, theirs);
  const value: string[] = [];
  let clashes = false;
  let [b, m, t] = [0, 0, 0];
  for (let next = 0; next <= base.length; next += 1) {
    const atMine = next === base.length ? mine.length : inMine.get(next);
    const atTheirs = next === base.length ? theirs.length : inTheirs.get(next);
    if (atMine === undefined || atTheirs === undefined) continue;
    const [was, ours, others] = [base.slice(b, next), mine.slice(m, atMine), theirs.slice(t, atTheirs)];
    if (same(ours, others) || same(was, others)) value.push(...ours);
    else if (same(was, ours)) value.push(...others);
    else {
      value.push(...ours, ...others);
      // Lines that both have added at one place stand well beside each other; changed ones do not.
      clashes ||= was.length > 0;
    }
    const shared = base[next];
    if (shared !== undefined) value.push(shared);
    [b, m, t] = [next + 1, atMine + 1, atTheirs + 1];
  }
  return { value, clashes };
}

/** The lines of `text`, each with whether `other` has it at this place too. */
export function compare(text: string, other: string): { line: string; shared: boolean }[] {
  const shared = matches(lines(text), lines(other));
  return lines(text).map((line, at) => ({ line, shared: shared.has(at) }));
}

function lines(text: string): string[] {
  return text === '' ? [] : text.split('\n');
}

function same(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((line, at) => line === b[at]);
}

/** A longest common subsequence as positions: of lines of `a`, where they are in `b`. */
function matches(a: readonly string[], b: readonly string[]): Map<number, number> {
  const found = new Map<number, number>();
  let [from, endA, endB] = [0, a.length, b.length];
  for (; from < endA && from < endB && a[from] === b[from]; from += 1) found.set(from, from);
  for (; endA > from && endB > from && a[endA - 1] === b[endB - 1]; endA -= 1, endB -= 1)
    found.set(endA - 1, endB - 1);
  const [height, width] = [endA - from, endB - from];
  // A memo may have 64 Ki lines, and the table is the product of both middles.
  if (height * width > 4_000_000) return found;
  const table = new Uint16Array((height + 1) * (width + 1));
  const at = (row: number, column: number) => table[row * (width + 1) + column] ?? 0;
  for (let row = height - 1; row >= 0; row -= 1) {
    for (let column = width - 1; column >= 0; column -= 1) {
      const longest =
        a[from + row] === b[from + column]
          ? at(row + 1, column + 1) + 1
          : Math.max(at(row + 1, column), at(row, column + 1));
      table[row * (width + 1) + column] = longest;
    }
  }
  for (let row = 0, column = 0; row < height && column < width; ) {
    if (a[from + row] === b[from + column]) found.set(from + row++, from + column++);
    else if (at(row + 1, column) >= at(row, column + 1)) row += 1;
    else column += 1;
  }
  return found;
}
