import { answer } from '../answer';
import { createMemo, getMemo, type Memo, restoreMemo, updateMemo } from '../api';
import { Failure } from '../failure';
import { changes, type Draft, draftOf, sameDraft } from './draft';

/** What came of saving: somebody else may have been there first. */
export type Saved = { kind: 'saved'; memo: Memo } | { kind: 'changed'; theirs: Memo } | { kind: 'deleted' };

export interface Ports {
  create(draft: Draft, key: string): Promise<Memo>;
  patch(id: string, draft: Partial<Draft>, etag: string): Promise<Memo>;
  get(id: string): Promise<Memo>;
  key(): string;
}

export const ports: Ports = {
  create: async ({ title, content, tags }, key) =>
    (
      await answer(
        createMemo({ body: { title, content, tags: [...tags] }, headers: { 'Idempotency-Key': key } }),
      )
    ).data,
  patch: async (id, { title, content, tags }, etag) => {
    const body = {
      ...(title === undefined ? {} : { title }),
      ...(content === undefined ? {} : { content }),
      ...(tags === undefined ? {} : { tags: [...tags] }),
    };
    return (await answer(updateMemo({ path: { id }, body, headers: { 'If-Match': etag } }))).data;
  },
  get: async (id) => (await answer(getMemo({ path: { id } }))).data,
  key: () => crypto.randomUUID(),
};

/** The entity tag of a memo's version, as the service makes it. */
export function etagOf(memo: Memo): string {
  return `"v${memo.version}"`;
}

/**
 * Makes one memo, however often it is asked to.
 *
 * A request whose answer was lost may have landed. Until that is known, the next attempt sends the same again under the
 * same key, and what was written since then as a change of it.
 */
export class Creation {
  private sent: { draft: Draft; key: string } | undefined;
  private readonly ports: Ports;

  constructor(given: Ports = ports) {
    this.ports = given;
  }

  async save(draft: Draft): Promise<Saved> {
    this.sent ??= { draft, key: this.ports.key() };
    let memo: Memo;
    try {
      memo = await this.ports.create(this.sent.draft, this.sent.key);
    } catch (error) {
      if (error instanceof Failure && isRefusal(error)) this.sent = undefined;
      throw error;
    }
    if (sameDraft(this.sent.draft, draft)) return { kind: 'saved', memo };
    return change(memo, draft, this.ports);
  }
}

/** Saves `draft` over `base`, unless somebody else has changed the memo since. */
export async function change(base: Memo, draft: Draft, given: Ports = ports): Promise<Saved> {
  const patch = changes(draftOf(base), draft);
  if (Object.keys(patch).length === 0) return { kind: 'saved', memo: base };
  try {
    return { kind: 'saved', memo: await given.patch(base.id, patch, etagOf(base)) };
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    if (error.status === 404) return { kind: 'deleted' };
    if (error.status !== 412) throw error;
  }
  try {
    const theirs = await given.get(base.id);
    // An attempt whose answer was lost, or somebody who thought of the same.
    if (sameDraft(draftOf(theirs), draft)) return { kind: 'saved', memo: theirs };
    return { kind: 'changed', theirs };
  } catch (error) {
    if (error instanceof Failure && error.status === 404) return { kind: 'deleted' };
    throw error;
  }
}

/** Brings a deleted memo back; one that is there already counts. */
export async function restore(id: string): Promise<Memo> {
  try {
    return (await answer(restoreMemo({ path: { id } }))).data;
  } catch (error) {
    if (error instanceof Failure && error.code === 'not-deleted') return ports.get(id);
    throw error;
  }
}

/** Whether the service has certainly not made what was asked for. */
function isRefusal(failure: Failure): boolean {
  return failure.status >= 400 && failure.status < 500 && failure.code !== 'idempotency-conflict';
}
