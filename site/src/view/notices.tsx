import { dismiss, notices } from '../notices';
import { Icon } from './icon';

/** What the page has to say at the moment, in a live region. */
export function Notices() {
  return (
    <section class="notices" aria-label="Notices">
      <div role="log" aria-live="polite" aria-relevant="additions">
        {notices.value.map(({ id, text, action }) => (
          <div class="notice" key={id}>
            <p>{text}</p>
            {action && (
              <button
                type="button"
                class="link"
                onClick={() => {
                  putAway(id);
                  void action.act();
                }}
              >
                {action.label}
              </button>
            )}
            <button type="button" class="bare" aria-label="Put this notice away" onClick={() => putAway(id)}>
              <Icon name="close" />
            </button>
          </div>
        ))}
      </div>
    </section>
  );
}

/** The focus may not go with the notice that it is in. */
function putAway(id: number) {
  dismiss(id);
  document.querySelector<HTMLElement>('main h1')?.focus({ preventScroll: true });
}
