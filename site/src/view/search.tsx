import { useEffect, useRef, useState } from 'preact/hooks';
import type { Desk } from '../memos/desk';
import { Icon } from './icon';

/** A pause in typing after which is searched; milliseconds. */
const PAUSE = 300;

export function Search({ desk }: { desk: Desk }) {
  const [text, setText] = useState(desk.q.value);
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    const later = setTimeout(() => {
      desk.q.value = text.trim();
    }, PAUSE);
    return () => clearTimeout(later);
  }, [text, desk]);
  return (
    <search class="search">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          desk.q.value = text.trim();
        }}
      >
        <label class="visually-hidden" for="search">
          Search memos
        </label>
        <Icon name="search" />
        <input
          ref={input}
          id="search"
          type="search"
          placeholder="Search"
          maxLength={200}
          autocomplete="off"
          value={text}
          onInput={(event) => setText(event.currentTarget.value)}
        />
        {text !== '' && (
          <button
            type="button"
            class="bare"
            aria-label="Clear the search"
            onClick={() => {
              setText('');
              desk.q.value = '';
              input.current?.focus();
            }}
          >
            <Icon name="close" />
          </button>
        )}
      </form>
    </search>
  );
}
