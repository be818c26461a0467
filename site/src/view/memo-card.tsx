import { useRef, useState } from 'preact/hooks';
import type { Memo } from '../api';
import type { Desk } from '../memos/desk';
import { here } from '../memos/here';
import { addressOf } from '../memos/place';
import { Icon } from './icon';
import { When } from './when';

interface Props {
  desk: Desk;
  memo: Memo;
  level: 'h2' | 'h3';
}

/** One memo in the list: its title opens it. */
export function MemoCard({ desk, memo, level: Heading }: Props) {
  const card = useRef<HTMLElement>(null);
  const [busy, setBusy] = useState(false);
  const name = `“${memo.title}”`;
  // The card may be gone or elsewhere afterwards, and the focus with it.
  const act = (change: () => Promise<void>) => async () => {
    if (busy) return;
    setBusy(true);
    const next = neighbour(card.current);
    await change();
    setBusy(false);
    requestAnimationFrame(() => {
      if (document.activeElement !== document.body) return;
      const moved = document.querySelector<HTMLElement>(`#title-${memo.id} .open`);
      (moved ?? next)?.focus();
    });
  };
  return (
    <article ref={card} class="card memo" aria-labelledby={`title-${memo.id}`}>
      <Heading id={`title-${memo.id}`}>
        <button
          type="button"
          class="open"
          onClick={() => {
            desk.writing.value = { kind: 'edit', memo };
          }}
        >
          {memo.title}
        </button>
      </Heading>
      <div class="lines">{memo.content !== '' && <p class="text">{memo.content}</p>}</div>
      {memo.tags.length > 0 && (
        <ul class="tags" aria-label="Tags">
          {memo.tags.map((tag) => (
            <li key={tag}>
              <a
                href={addressOf({ kind: 'tag', tag })}
                aria-current={here.value.kind === 'tag' && here.value.tag === tag ? 'page' : undefined}
              >
                {tag}
              </a>
            </li>
          ))}
        </ul>
      )}
      <div class="foot">
        <When at={memo.updated_at} />
        <div class="acts">
          {!memo.archived && (
            <button
              type="button"
              class="bare"
              title={memo.pinned ? 'Unpin' : 'Pin'}
              aria-label={`Pin ${name}`}
              aria-pressed={memo.pinned}
              onClick={act(() => desk.pin(memo, !memo.pinned))}
            >
              <Icon name="pin" />
            </button>
          )}
          <button
            type="button"
            class="bare"
            title={memo.archived ? 'Take back from the archive' : 'Archive'}
            aria-label={memo.archived ? `Take ${name} back from the archive` : `Archive ${name}`}
            onClick={act(() => desk.archive(memo, !memo.archived))}
          >
            <Icon name={memo.archived ? 'unarchive' : 'archive'} />
          </button>
          <button
            type="button"
            class="bare"
            title="Delete"
            aria-label={`Delete ${name}`}
            onClick={act(() => desk.remove(memo))}
          >
            <Icon name="trash" />
          </button>
        </div>
      </div>
    </article>
  );
}

/** Where the focus goes when a card leaves: the next card's title, else the one before, else the button for a new one. */
function neighbour(card: HTMLElement | null): HTMLElement | null {
  const all = [...document.querySelectorAll<HTMLElement>('.memo .open')];
  const at = all.findIndex((open) => card?.contains(open));
  return all[at + 1] ?? all[at - 1] ?? document.querySelector<HTMLElement>('button.new');
}
