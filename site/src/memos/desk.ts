import { signal } from '@preact/signals';
import { answer } from '../answer';
import { deleteMemo, type Memo, updateMemo } from '../api';
import { Failure } from '../failure';
import { dismiss, spoken, tell } from '../notices';
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
  /** How what was done last is undone. */
  private undoable: { told: string; notice: number; act: () => Promise<void> } | undefined;

  /** Shows what has been saved. */
  saved(memo: Memo): void {
    this.shelf.put(memo);
    this.refreshTags();
  }

  /** Pins a memo, or ends that; its place in the list tells. */
  async pin(memo: Memo, pinned: boolean): Promise<void> {
    await this.attempt(async () => {
      await this.mark(memo, { pinned });
      spoken.value = pinned ? `Pinned “${memo.title}”.` : `“${memo.title}” is not pinned any more.`;
    });
  }

  /** Archives a memo, or takes it back, and offers to undo that. */
  async archive(memo: Memo, archived: boolean): Promise<void> {
    await this.attempt(async () => {
      await this.mark(memo, { archived });
      const told = archived ? `Archived “${memo.title}”.` : `Took “${memo.title}” back.`;
      this.offer(told, () => this.mark(memo, { archived: !archived }));
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
      this.offer(`Deleted “${memo.title}”.`, async () => this.saved(await restore(memo.id)));
    });
  }

  /** Undoes what was done last, if that can be undone. */
  async undo(): Promise<void> {
    const undo = this.undoable;
    this.undoable = undefined;
    if (!undo) return;
    dismiss(undo.notice);
    try {
      await undo.act();
      spoken.value = `Undone: ${undo.told}`;
    } catch (error) {
      tell(words(error));
      this.offer(undo.told, undo.act);
    }
  }

  refreshTags(): void {
    this.shelf.readTags().catch(() => {
      // The tags that are shown stay; the list tells of what is wrong.
    });
  }

  /** One member of the memo changes, whatever else of it changes meanwhile. */
  private async mark(memo: Memo, marks: { pinned?: boolean; archived?: boolean }): Promise<void> {
    this.saved((await answer(updateMemo({ path: { id: memo.id }, body: marks }))).data);
  }

  private offer(told: string, act: () => Promise<void>): void {
    const notice = tell(told, { label: 'Undo', act: () => this.undo() });
    this.undoable = { told, notice, act };
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
