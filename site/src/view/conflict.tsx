import { useEffect, useRef } from 'preact/hooks';
import type { Memo } from '../api';
import { type Draft, draftOf, PARTS, type Part, samePart } from '../memos/draft';
import { compare } from '../memos/merge';
import { When } from './when';

interface ConflictProps {
  mine: Draft;
  theirs: Memo;
  busy: boolean;
  keepMine: () => void;
  takeTheirs: () => void;
  mergeByHand: () => void;
}

/** Two versions of one memo beside each other, and the choice between them. */
export function Conflict({ mine, theirs, busy, keepMine, takeTheirs, mergeByHand }: ConflictProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  const other = draftOf(theirs);
  const differing = PARTS.filter((part) => !samePart(part, mine, other));
  return (
    <div class="conflict" aria-busy={busy}>
      <h2 id="conflict-heading" ref={heading} tabIndex={-1}>
        Changed in the meantime
      </h2>
      <p>
        This memo was saved somewhere else while you were writing, in another tab or on another device.
        Nothing is lost yet: which version should stay?
      </p>
      <div class="versions">
        <section aria-labelledby="mine-heading" class="version">
          <h3 id="mine-heading">
            Yours <small>not saved yet</small>
          </h3>
          <Version draft={mine} other={other} differing={differing} />
          <button type="button" class="primary" aria-disabled={busy} onClick={keepMine}>
            Keep mine
          </button>
        </section>
        <section aria-labelledby="theirs-heading" class="version">
          <h3 id="theirs-heading">
            Theirs{' '}
            <small>
              saved <When at={theirs.updated_at} />
            </small>
          </h3>
          <Version draft={other} other={mine} differing={differing} />
          <button type="button" class="primary" aria-disabled={busy} onClick={takeTheirs}>
            Take theirs
          </button>
        </section>
      </div>
      <div class="buttons">
        <p>Something of each?</p>
        <button type="button" onClick={mergeByHand}>
          Merge by hand
        </button>
      </div>
    </div>
  );
}

const NAMES: Record<Part, string> = { title: 'Title', content: 'Text', tags: 'Tags' };

function Version({ draft, other, differing }: { draft: Draft; other: Draft; differing: readonly Part[] }) {
  return (
    <dl>
      {PARTS.map((part) => (
        <div key={part} class={differing.includes(part) ? 'part differs' : 'part'}>
          <dt>
            {NAMES[part]} {differing.includes(part) && <span class="badge">differs</span>}
          </dt>
          <dd class={`is-${part}`}>
            <Value text={textOf(draft, part)} other={textOf(other, part)} />
          </dd>
        </div>
      ))}
    </dl>
  );
}

/** A text with the lines marked that the other does not have. */
function Value({ text, other }: { text: string; other: string }) {
  if (text === '') return <i>none</i>;
  return compare(text, other).map(({ line, shared }, at) => {
    const end = at === 0 ? '' : '\n';
    return shared ? end + line : [end, <mark key={at}>{line}</mark>];
  });
}

function textOf(draft: Draft, part: Part): string {
  return part === 'tags' ? draft.tags.join('\n') : draft[part];
}

interface GoneProps {
  title: string;
  busy: boolean;
  bringBack: () => void;
  letGo: () => void;
}

/** Asks what is to become of a memo that was deleted while it was written on. */
export function Gone({ title, busy, bringBack, letGo }: GoneProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  return (
    <div aria-busy={busy}>
      <h2 id="gone-heading" ref={heading} tabIndex={-1}>
        Deleted in the meantime
      </h2>
      <p>“{title}” was deleted somewhere else while you were writing.</p>
      <div class="buttons">
        <button type="button" onClick={letGo}>
          Let it go
        </button>
        <button type="button" class="primary" aria-disabled={busy} onClick={bringBack}>
          Bring it back with my text
        </button>
      </div>
    </div>
  );
}
