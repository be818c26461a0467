import type { Memo, MemoPage } from '../api';
import { Failure } from '../failure';

/** Which memos, as `GET /v1/memos` takes it. */
export interface Query {
  tag?: string;
  pinned?: boolean;
  archived?: boolean;
  q?: string;
}

/** One page of what `query` asks for. */
export type Read = (query: Query, cursor: string | undefined, signal: AbortSignal) => Promise<MemoPage>;

/** Reads lists page by page, one list after the other, until all have ended. */
export class Pager {
  private readonly queries: Query[];
  private readonly read: Read;
  private readonly abort = new AbortController();
  private cursor: string | undefined;
  private reading: Promise<Memo[]> | undefined;

  constructor(queries: readonly Query[], read: Read) {
    this.queries = [...queries];
    this.read = read;
  }

  /** Whether there is nothing more. */
  get ended(): boolean {
    return this.queries.length === 0;
  }

  /** The next memos: none only when all lists have ended. Calls at the same time share an answer. */
  next(): Promise<Memo[]> {
    this.reading ??= this.advance().finally(() => {
      this.reading = undefined;
    });
    return this.reading;
  }

  /** Ends the reading that is under way. */
  stop(): void {
    this.abort.abort();
  }

  private async advance(): Promise<Memo[]> {
    for (let query = this.queries[0]; query !== undefined; query = this.queries[0]) {
      const page = await this.page(query);
      this.cursor = page.next_cursor;
      if (this.cursor === undefined) this.queries.shift();
      // A page may be empty and yet not the last.
      if (page.memos.length > 0) return page.memos;
    }
    return [];
  }

  private async page(query: Query): Promise<MemoPage> {
    try {
      return await this.read(query, this.cursor, this.abort.signal);
    } catch (error) {
      const stale = error instanceof Failure && error.code === 'invalid-query' && this.cursor !== undefined;
      if (!stale) throw error;
      // The key that vouches for cursors has gone: from the start, where the reader leaves out what it has.
      this.cursor = undefined;
      return this.read(query, undefined, this.abort.signal);
    }
  }
}
