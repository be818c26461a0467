import { useEffect, useRef } from 'preact/hooks';
import type { Memo } from '../api';
import type { Desk } from '../memos/desk';
import { here } from '../memos/here';
import type { Place } from '../memos/place';
import { words } from '../problems';
import { Alert } from './field';
import { MemoCard } from './memo-card';

/** The memos, and the way to more of them. */
export function MemoList({ desk }: { desk: Desk }) {
  const memos = desk.shelf.memos.value;
  const reading = desk.shelf.reading.value;
  const pinned = here.value.kind === 'archive' ? [] : memos.filter((memo) => memo.pinned);
  const others = pinned.length === 0 ? memos : memos.filter((memo) => !memo.pinned);
  return (
    <div class="memos" aria-busy={reading === 'reading'}>
      {pinned.length > 0 && <Section desk={desk} heading="Pinned" memos={pinned} />}
      {others.length > 0 && (
        <Section desk={desk} heading={pinned.length > 0 ? 'Others' : undefined} memos={others} />
      )}
      {memos.length === 0 && reading === 'ended' && <Empty desk={desk} />}
      {memos.length === 0 && reading === 'reading' && <Waiting />}
      {reading === 'failed' && (
        <Alert>
          <p>{words(desk.shelf.failure.value)}</p>
          <button type="button" onClick={() => void (memos.length > 0 ? desk.shelf.more() : retry(desk))}>
            Try again
          </button>
        </Alert>
      )}
      {memos.length > 0 && (reading === 'open' || reading === 'reading') && (
        <More desk={desk} busy={reading === 'reading'} />
      )}
    </div>
  );
}

function retry(desk: Desk) {
  return desk.shelf.show(here.value, desk.q.value);
}

interface SectionProps {
  desk: Desk;
  heading: string | undefined;
  memos: readonly Memo[];
}

function Section({ desk, heading, memos }: SectionProps) {
  return (
    <section aria-label={heading ?? 'All'}>
      {heading !== undefined && <h2 class="kind">{heading}</h2>}
      <ul class="cards">
        {memos.map((memo) => (
          <li key={memo.id}>
            <MemoCard desk={desk} memo={memo} level={heading === undefined ? 'h2' : 'h3'} />
          </li>
        ))}
      </ul>
    </section>
  );
}

/** Asks for more when it comes near to being seen; it is a button too. */
function More({ desk, busy }: { desk: Desk; busy: boolean }) {
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    const seen = button.current;
    if (!seen || busy) return;
    const watch = new IntersectionObserver(
      (entries) => {
        if (entries.some((entry) => entry.isIntersecting)) void desk.shelf.more();
      },
      { rootMargin: '600px' },
    );
    watch.observe(seen);
    return () => watch.disconnect();
  }, [desk, busy]);
  return (
    <button
      ref={button}
      type="button"
      class="more"
      aria-disabled={busy}
      onClick={() => void desk.shelf.more()}
    >
      {busy ? 'Loading more…' : 'Show more'}
    </button>
  );
}

function Empty({ desk }: { desk: Desk }) {
  const [title, text] = nothing(here.value, desk.q.value);
  return (
    <div class="card empty">
      <h2>{title}</h2>
      <p>{text}</p>
    </div>
  );
}

/** What to say where there is no memo. */
function nothing(place: Place, q: string): [title: string, text: string] {
  if (q !== '') {
    const elsewhere = place.kind === 'archive' ? '' : ' What is archived is searched in the archive.';
    return [`Nothing with “${q}”`, `Titles and texts were searched.${elsewhere}`];
  }
  switch (place.kind) {
    case 'archive':
      return ['Nothing archived', 'What you archive leaves the other lists and is kept here.'];
    case 'tag':
      return ['Nothing with this tag', 'No memo has it any more.'];
    case 'all':
      return ['Nothing noted yet', 'A memo is a title, a few lines, and tags to find it by.'];
  }
}

function Waiting() {
  return (
    <ul class="cards waiting" aria-label="Loading memos">
      {[0, 1, 2].map((at) => (
        <li key={at} class="card" />
      ))}
    </ul>
  );
}
