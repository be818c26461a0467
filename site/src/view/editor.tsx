import { useEffect, useRef, useState } from 'preact/hooks';
import type { Memo } from '../api';
import { Failure } from '../failure';
import type { Desk, Writing } from '../memos/desk';
import { type Draft, draftOf, EMPTY, sameDraft, tagsIn } from '../memos/draft';
import { merge } from '../memos/merge';
import { Creation, change, restore, type Saved } from '../memos/saving';
import { spoken } from '../notices';
import { words, wordsOf } from '../problems';
import { session } from '../session';
import { Conflict, Gone } from './conflict';
import { Alert, described, Field } from './field';
import { Modal } from './modal';
import { TagField } from './tag-field';

/** What the dialog shows: the form, or a question about what is written in it. */
type Asking = { kind: 'form' } | { kind: 'discard' } | { kind: 'conflict'; theirs: Memo } | { kind: 'gone' };

/** A memo being written, as a dialog. */
export function Editor({ desk, writing }: { desk: Desk; writing: Writing }) {
  const [base, setBase] = useState<Memo | undefined>(writing.kind === 'edit' ? writing.memo : undefined);
  const [draft, setDraft] = useState<Draft>(base ? draftOf(base) : EMPTY);
  const [rest, setRest] = useState('');
  const [asking, setAsking] = useState<Asking>({ kind: 'form' });
  const [error, setError] = useState<unknown>(undefined);
  const [untitled, setUntitled] = useState(false);
  const [hint, setHint] = useState<string | undefined>(undefined);
  const [busy, setBusy] = useState(false);
  const creation = useRef(new Creation());
  const form = useRef<HTMLFormElement>(null);
  const now: Draft = { ...draft, tags: [...new Set([...draft.tags, ...tagsIn(rest)])] };
  const dirty = !sameDraft(base ? draftOf(base) : EMPTY, now) || hint !== undefined;

  useEffect(() => {
    if (!dirty) return;
    const warn = (event: BeforeUnloadEvent) => event.preventDefault();
    addEventListener('beforeunload', warn);
    return () => removeEventListener('beforeunload', warn);
  }, [dirty]);

  // Who has logged in again is not to read that the session has ended.
  const isOver = error instanceof Failure && error.code === 'session-over' && session.phase.value === 'in';
  const shown = isOver ? undefined : error;
  function close() {
    desk.writing.value = undefined;
  }
  function ask() {
    if (asking.kind === 'discard') setAsking({ kind: 'form' });
    else if (dirty) setAsking({ kind: 'discard' });
    else close();
  }
  function finish(memo: Memo) {
    desk.saved(memo);
    close();
    spoken.value = `Saved “${memo.title}”.`;
  }
  /** Saves, and goes on to what came of it. */
  async function attempt(save: () => Promise<Saved>) {
    if (busy) return;
    setBusy(true);
    setError(undefined);
    try {
      const saved = await save();
      if (saved.kind === 'saved') finish(saved.memo);
      else if (saved.kind === 'deleted') setAsking({ kind: 'gone' });
      else setAsking({ kind: 'conflict', theirs: saved.theirs });
    } catch (failure) {
      setError(failure);
      setAsking({ kind: 'form' });
    } finally {
      setBusy(false);
    }
  }
  function submit(event?: Event) {
    event?.preventDefault();
    setDraft(now);
    setRest('');
    const missing = now.title.trim() === '';
    setUntitled(missing);
    if (missing) form.current?.querySelector<HTMLElement>('#title')?.focus();
    else void attempt(() => (base ? change(base, now) : creation.current.save(now)));
  }
  function mergeByHand(theirs: Memo) {
    const { draft: both, clashes } = merge(base ? draftOf(base) : EMPTY, now, draftOf(theirs));
    setBase(theirs);
    setDraft(both);
    setHint(
      clashes
        ? 'Both versions are in here, yours first where they differ. Make one of them and save.'
        : 'The changes of both are in here. Check them and save.',
    );
    setAsking({ kind: 'form' });
  }

  if (asking.kind === 'conflict') {
    const { theirs } = asking;
    return (
      <Modal
        key="conflict"
        labelledby="conflict-heading"
        class="wide"
        onCancel={() => setAsking({ kind: 'form' })}
      >
        <Conflict
          mine={now}
          theirs={theirs}
          busy={busy}
          keepMine={() => {
            setBase(theirs);
            void attempt(() => change(theirs, now));
          }}
          takeTheirs={() => finish(theirs)}
          mergeByHand={() => mergeByHand(theirs)}
        />
      </Modal>
    );
  }
  if (asking.kind === 'gone' && base) {
    return (
      <Modal key="gone" labelledby="gone-heading" class="narrow" onCancel={() => setAsking({ kind: 'form' })}>
        <Gone
          title={base.title}
          busy={busy}
          bringBack={() =>
            void attempt(async () => {
              const back = await restore(base.id);
              setBase(back);
              return change(back, now);
            })
          }
          letGo={() => {
            desk.shelf.drop(base.id);
            close();
          }}
        />
      </Modal>
    );
  }
  const wrongTitle = untitled ? 'A memo needs a title.' : wordsOf(error, 'title');
  const wrongText = wordsOf(error, 'content');
  return (
    <Modal key="form" labelledby="editor-heading" onCancel={ask}>
      <form
        ref={form}
        method="post"
        class="editor"
        noValidate
        aria-busy={busy}
        onSubmit={submit}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) submit(event);
        }}
      >
        <h2 id="editor-heading">{base ? 'Edit memo' : 'New memo'}</h2>
        {hint !== undefined && (
          <p class="merged" role="status">
            {hint}
          </p>
        )}
        {shown !== undefined && <Alert>{words(shown)}</Alert>}
        <Field id="title" label="Title" error={wrongTitle}>
          <input
            {...described('title', { error: wrongTitle })}
            class="title"
            type="text"
            maxLength={200}
            autocomplete="off"
            required
            value={draft.title}
            onInput={(event) => setDraft({ ...draft, title: event.currentTarget.value })}
          />
        </Field>
        <Field id="content" label="Text" error={wrongText}>
          <textarea
            {...described('content', { error: wrongText })}
            rows={7}
            value={draft.content}
            onInput={(event) => setDraft({ ...draft, content: event.currentTarget.value })}
          />
        </Field>
        <TagField
          tags={draft.tags}
          known={desk.shelf.tags.value.map(({ tag }) => tag)}
          error={wordsOf(error, 'tags')}
          onChange={(tags) => setDraft({ ...draft, tags })}
          rest={rest}
          onRest={setRest}
        />
        {asking.kind === 'discard' ? (
          <Discard keep={() => setAsking({ kind: 'form' })} discard={close} />
        ) : (
          <div class="buttons">
            <button type="button" onClick={ask}>
              Cancel
            </button>
            <button type="submit" class="primary" aria-disabled={busy}>
              {busy ? 'Saving…' : 'Save'}
            </button>
          </div>
        )}
      </form>
    </Modal>
  );
}

function Discard({ keep, discard }: { keep: () => void; discard: () => void }) {
  const first = useRef<HTMLButtonElement>(null);
  useEffect(() => first.current?.focus(), []);
  return (
    <div class="buttons">
      <p role="alert">Discard what you wrote?</p>
      <button type="button" class="danger" onClick={discard}>
        Discard
      </button>
      <button ref={first} type="button" class="primary" onClick={keep}>
        Keep writing
      </button>
    </div>
  );
}
