import { useEffect, useRef } from 'preact/hooks';
import { online } from '../connection';
import type { Desk } from '../memos/desk';
import { here } from '../memos/here';
import { nameOf } from '../memos/place';
import { dismissAll, spoken, tell } from '../notices';
import { words } from '../problems';
import { session } from '../session';
import { Editor } from './editor';
import { Icon } from './icon';
import { Lists } from './lists';
import { MemoList } from './memo-list';
import { Notices } from './notices';
import { Search } from './search';

/** The page of a person who is logged in. */
export function DeskView({ desk }: { desk: Desk }) {
  const heading = useRef<HTMLHeadingElement>(null);
  const place = here.value;
  const q = desk.q.value;
  const name = nameOf(place);
  const ready = session.phase.value === 'in' && online.value;

  useEffect(() => {
    document.title = `${name} · Memo`;
    heading.current?.focus({ preventScroll: true });
    scrollTo(0, 0);
  }, [name]);
  useEffect(() => {
    void desk.shelf.show(place, q).then(() => speakOf(desk, q));
  }, [name, q, desk]);
  // Whatever failed for want of a network or a session is asked for again when there is one.
  useEffect(() => {
    if (!ready) return;
    desk.refreshTags();
    if (desk.shelf.reading.value === 'failed') void desk.shelf.show(place, q);
  }, [ready, desk]);
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== 'z' || !(event.ctrlKey || event.metaKey) || event.shiftKey) return;
      const target = event.target as HTMLElement;
      if (target.closest('input, textarea, dialog')) return;
      event.preventDefault();
      void desk.undo();
    };
    addEventListener('keydown', onKey);
    return () => {
      removeEventListener('keydown', onKey);
      dismissAll();
    };
  }, [desk]);

  return (
    <div class="desk">
      <button type="button" class="skip" onClick={() => heading.current?.focus()}>
        Skip to the memos
      </button>
      {!online.value && (
        <p class="offline" role="status">
          <Icon name="offline" /> You are offline. What you see may have changed, and nothing can be saved
          until you are back.
        </p>
      )}
      <header class="top">
        <a class="brand" href="#/">
          Memo
        </a>
        <Search desk={desk} />
        <div class="account">
          <span class="who">{session.email.value}</span>
          <button type="button" class="quiet" onClick={leave}>
            <Icon name="leave" /> Log out
          </button>
        </div>
      </header>
      <Lists desk={desk} />
      <main id="main">
        <div class="headline">
          <h1 ref={heading} tabIndex={-1}>
            {name}
          </h1>
          <button
            type="button"
            class="primary new"
            onClick={() => {
              desk.writing.value = { kind: 'new' };
            }}
          >
            <Icon name="plus" /> New memo
          </button>
        </div>
        <MemoList desk={desk} />
      </main>
      <Notices />
      <p class="visually-hidden" role="status">
        {spoken.value}
      </p>
      {desk.writing.value && <Editor desk={desk} writing={desk.writing.value} />}
    </div>
  );
}

function speakOf(desk: Desk, q: string) {
  if (desk.shelf.reading.value === 'reading' || desk.shelf.reading.value === 'failed') return;
  const count = desk.shelf.memos.value.length;
  const more = desk.shelf.reading.value === 'open' ? ', and there are more' : '';
  spoken.value = `${count} ${count === 1 ? 'memo' : 'memos'}${q === '' ? '' : ` with “${q}”`}${more}.`;
}

async function leave() {
  try {
    await session.logOut();
  } catch (error) {
    tell(`You are logged out here, but the service could not be told. ${words(error)}`);
  }
}
