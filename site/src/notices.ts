import { signal } from '@preact/signals';

export interface Notice {
  id: number;
  text: string;
  action?: { label: string; act: () => Promise<void> };
}

/** How long a notice without an action stays; milliseconds. One with an action stays until it is put away. */
const STAY = 6000;

let last = 0;

/** What the page has to say: what can be acted on at most once, and the latest word. A live region reads it out. */
export const notices = signal<readonly Notice[]>([]);

/** Shows a notice, and tells its id. */
export function tell(text: string, action?: Notice['action']): number {
  last += 1;
  const notice: Notice = action ? { id: last, text, action } : { id: last, text };
  // One offer stands until the next one, one word until the next word.
  notices.value = [...notices.value.filter((other) => !other.action !== !action), notice];
  if (!action) setTimeout(() => dismiss(notice.id), STAY);
  return notice.id;
}

export function dismiss(id: number): void {
  notices.value = notices.value.filter((notice) => notice.id !== id);
}

export function dismissAll(): void {
  notices.value = [];
}

/** What a live region says without showing it. */
export const spoken = signal('');
