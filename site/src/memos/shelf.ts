import { signal } from '@preact/signals';
import { answer } from '../answer';
import { listMemos, listTags, type Memo, type TagCount } from '../api';
import { Pager, type Read } from './pager';
import { type Place, queriesOf } from './place';

/** `reading` the first or a further page; `open` while there is more; `failed` until it is tried again. */
export type Reading = 'reading' | 'open' | 'ended' | 'failed';

const PAGE = 30;

const readPage: Read = async (query, cursor, signal) =>
  (await answer(listMemos({ query: { ...query, page_size: PAGE, ...(cursor ? { cursor } : {}) }, signal })))
    .data;

/** The memos that are shown, as far as they are read, and the tags. */
export class Shelf {
  readonly memos = signal<readonly Memo[]>([]);
  readonly reading = signal<Reading>('reading');
  readonly failure = signal<unknown>(undefined);
  readonly tags = signal<readonly TagCount[]>([]);
  private place: Place = { kind: 'all' };
  private q = '';
  private pager: Pager | undefined;

  /** Shows the memos of `place` with `q` in them, from the first page. */
  async show(place: Place, q: string): Promise<void> {
    const fromNew = this.q !== q || JSON.stringify(this.place) !== JSON.stringify(place);
    this.place = place;
    this.q = q;
    this.pager?.stop();
    this.pager = new Pager(queriesOf(place, q), readPage);
    if (fromNew) this.memos.value = [];
    await this.read(this.pager, !fromNew);
  }

  /** Reads the next page. */
  async more(): Promise<void> {
    if (this.pager && this.reading.value !== 'reading') await this.read(this.pager, false);
  }

  /** Shows a memo as it is now, where it belongs. */
  put(memo: Memo): void {
    const others = this.memos.value.filter(({ id }) => id !== memo.id);
    this.memos.value = this.order(belongs(memo, this.place, this.q) ? [...others, memo] : others);
  }

  drop(id: string): void {
    this.memos.value = this.memos.value.filter((memo) => memo.id !== id);
  }

  /** Reads all tags anew. */
  async readTags(): Promise<void> {
    const tags: TagCount[] = [];
    let cursor: string | undefined;
    do {
      const query = { page_size: 100, ...(cursor ? { cursor } : {}) };
      const page = (await answer(listTags({ query }))).data;
      tags.push(...page.tags);
      cursor = page.next_cursor;
    } while (cursor !== undefined);
    this.tags.value = tags;
  }

  private async read(pager: Pager, anew: boolean): Promise<void> {
    this.reading.value = 'reading';
    this.failure.value = undefined;
    try {
      const found = await pager.next();
      if (pager !== this.pager) return;
      const ids = new Set(found.map(({ id }) => id));
      const before = anew ? [] : this.memos.value.filter(({ id }) => !ids.has(id));
      this.memos.value = this.order([...before, ...found]);
      this.reading.value = pager.ended ? 'ended' : 'open';
    } catch (error) {
      if (pager !== this.pager) return;
      this.failure.value = error;
      this.reading.value = 'failed';
    }
  }

  /** As the lists come: what is pinned first, save in the archive, and the newest first. */
  private order(memos: Memo[]): Memo[] {
    const rank = (memo: Memo) => (memo.pinned && this.place.kind !== 'archive' ? 0 : 1);
    return memos.sort((a, b) => rank(a) - rank(b) || (a.id < b.id ? 1 : -1));
  }
}

function belongs(memo: Memo, place: Place, q: string): boolean {
  if (memo.archived !== (place.kind === 'archive')) return false;
  if (place.kind === 'tag' && !memo.tags.includes(place.tag)) return false;
  const text = `${memo.title}\n${memo.content}`.toLowerCase();
  return text.includes(q.toLowerCase());
}
