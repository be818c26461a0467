import type { Desk } from '../memos/desk';
import { here } from '../memos/here';
import { addressOf, type Place } from '../memos/place';
import { Icon } from './icon';

/** The ways through the memos: all, the archive, each tag. */
export function Lists({ desk }: { desk: Desk }) {
  const current = addressOf(here.value);
  const link = (to: Place, children: preact.ComponentChildren) => (
    <a href={addressOf(to)} aria-current={addressOf(to) === current ? 'page' : undefined}>
      {children}
    </a>
  );
  return (
    <nav class="lists" aria-label="Lists">
      <ul>
        <li>
          {link(
            { kind: 'all' },
            <>
              <Icon name="stack" /> Memos
            </>,
          )}
        </li>
        <li>
          {link(
            { kind: 'archive' },
            <>
              <Icon name="archive" /> Archive
            </>,
          )}
        </li>
      </ul>
      {desk.shelf.tags.value.length > 0 && (
        <>
          <h2 id="tags-heading">Tags</h2>
          <ul aria-labelledby="tags-heading">
            {desk.shelf.tags.value.map(({ tag, count }) => (
              <li key={tag}>
                {link(
                  { kind: 'tag', tag },
                  <>
                    <Icon name="tag" /> <span class="name">{tag}</span>{' '}
                    <span class="count" aria-hidden="true">
                      {count}
                    </span>
                    <span class="visually-hidden">
                      , {count} {count === 1 ? 'memo' : 'memos'}
                    </span>
                  </>,
                )}
              </li>
            ))}
          </ul>
        </>
      )}
    </nav>
  );
}
