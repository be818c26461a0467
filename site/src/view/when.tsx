const today = new Intl.DateTimeFormat(undefined, { hour: 'numeric', minute: '2-digit' });
const thisYear = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short' });
const before = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short', year: 'numeric' });
const whole = new Intl.DateTimeFormat(undefined, { dateStyle: 'full', timeStyle: 'short' });

/** A moment, as short as it can be told; the whole of it on hovering. */
export function When({ at }: { at: string }) {
  const date = new Date(at);
  const now = new Date();
  const format =
    date.toDateString() === now.toDateString()
      ? today
      : date.getFullYear() === now.getFullYear()
        ? thisYear
        : before;
  return (
    <time dateTime={at} title={whole.format(date)}>
      {format.format(date)}
    </time>
  );
}
