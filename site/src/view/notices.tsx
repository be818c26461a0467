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
                  dismiss(id);
                  void action.act();
                }}
              >
                {action.label}
              </button>
            )}
            <button type="button" class="bare" aria-label="Put this notice away" onClick={() => dismiss(id)}>
              <Icon name="close" />
            </button>
          </div>
        ))}
      </div>
    </section>
  );
}
