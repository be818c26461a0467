import { signal } from '@preact/signals';
import { answer } from '../answer';
import { deleteMemo, type Memo, updateMemo } from '../api';
import { Failure } from '../failure';
import { tell } from '../notices';
import { words } from '../problems';
import { etagOf, ports, restore } from './saving';
import { Shelf } from './shelf';

/** What is being written: a new memo, or one that is there. */
export type Writing = { kind: 'new' } | { kind: 'edit'; memo: Memo };

/** All that one person has on the page. It ends with the session. */
export class Desk {
  readonly shelf = new Shelf();
  readonly q = signal('');
  readonly writing = signal<Writing | undefined>(undefined);
  /** Undoes the latest deletion; at most once. */
  private undoable: (() => Promise<void>) | undefined;

  /** Shows what has been saved. */
  saved(memo: Memo): void {
    this.shelf.put(memo);
    this.refreshTags();
  }

  /** Changes a mark of a memo: one member, whatever else of it changes meanwhile. */
  async mark(memo: Memo, marks: { pinned?: boolean; archived?: boolean }, told: string): Promise<void> {
    await this.attempt(async () => {
      this.saved((await answer(updateMemo({ path: { id: memo.id }, body: marks }))).data);
      tell(told);
    });
  }

  /** Deletes a memo as it is shown, and offers to undo that. */
  async remove(memo: Memo): Promise<void> {
    await this.attempt(async () => {
      try {
        await answer(deleteMemo({ path: { id: memo.id }, headers: { 'If-Match': etagOf(memo) } }));
      } catch (error) {
        if (!(error instanceof Failure)) throw error;
        if (error.status === 412) return this.changedSince(memo);
        if (error.status !== 404) throw error;
      }
      this.shelf.drop(memo.id);
      this.refreshTags();
      const undo = async () => {
        if (this.undoable === undo) this.undoable = undefined;
        await this.attempt(async () => {
          this.saved(await restore(memo.id));
          tell(`“${memo.title}” is back.`);
        });
      };
      this.undoable = undo;
      tell(`Deleted “${memo.title}”.`, { label: 'Undo', act: undo });
    });
  }

  /** Undoes the latest deletion, if there is one. */
  async undo(): Promise<boolean> {
    if (!this.undoable) return false;
    await this.undoable();
    return true;
  }

  refreshTags(): void {
    this.shelf.readTags().catch(() => {
      // The tags that are shown stay; the list tells of what is wrong.
    });
  }

  private async changedSince(memo: Memo): Promise<void> {
    this.saved(await ports.get(memo.id));
    tell(`“${memo.title}” was changed elsewhere, so it was not deleted. Look at it first.`);
  }

  private async attempt(act: () => Promise<void>): Promise<void> {
    try {
      await act();
    } catch (error) {
      tell(words(error));
    }
  }
}
