import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { answer } from '../src/answer';
import * as sdk from '../src/api';
import { createClient } from '../src/api/client';
import { MEMOCTL, REPOSITORY } from './cloud';
import { PASSWORD } from './person';
import { useStage } from './stage';

const stage = useStage();

test('the generated client drives the whole API', async () => {
  let token = '';
  const called = new Set<string>();
  const plain = createClient({ baseUrl: stage.api.url, auth: () => token });
  const client = new Proxy(plain, {
    get(target, method, receiver) {
      const send: unknown = Reflect.get(target, method, receiver);
      if (typeof send !== 'function') return send;
      return (options: { url: string }) => {
        called.add(`${String(method)} ${options.url}`);
        return send(options);
      };
    },
  });
  const email = `ada-${crypto.randomUUID()}@example.com`;
  const login = async (password: string) => {
    const { data } = await answer(sdk.createSession({ client, body: { email, password } }));
    token = data.access_token;
    return data;
  };

  expect((await answer(sdk.getHealth({ client }))).data).toEqual({ status: 'ok' });
  expect((await answer(sdk.getJwks({ client }))).data.keys[0]?.kty).toBe('OKP');
  expect((await answer(sdk.getAuthorizationServer({ client }))).data.issuer).toBe(stage.api.site);
  expect(
    (await answer(sdk.registerUser({ client, body: { email, password: PASSWORD, name: 'Ada' } }))).data.email,
  ).toBe(email);
  const first = await login(PASSWORD);

  const me = await answer(sdk.getCurrentUser({ client }));
  const named = { body: { name: 'Ada Lovelace' }, headers: { 'If-Match': me.etag ?? '' } };
  expect((await answer(sdk.updateCurrentUser({ client, ...named }))).data.name).toBe('Ada Lovelace');
  await answer(sdk.changePassword({ client, body: { current: PASSWORD, new: 'two cats on the keyboard' } }));

  const memo = (await answer(sdk.createMemo({ client, body: { title: 'Milk', tags: ['shopping'] } }))).data;
  const path = { id: memo.id };
  expect((await answer(sdk.getMemo({ client, path }))).data).toEqual(memo);
  expect((await answer(sdk.listMemos({ client, query: { q: 'milk', page_size: 1 } }))).data.memos).toEqual([
    memo,
  ]);
  expect((await answer(sdk.listTags({ client }))).data.tags).toEqual([{ tag: 'shopping', count: 1 }]);
  expect((await answer(sdk.updateMemo({ client, path, body: { pinned: true } }))).data.version).toBe(2);
  expect((await answer(sdk.replaceMemo({ client, path, body: { title: 'Tea' } }))).data.tags).toEqual([]);
  await answer(sdk.deleteMemo({ client, path }));
  expect((await answer(sdk.restoreMemo({ client, path }))).data.title).toBe('Tea');

  const body = { grant_type: 'refresh_token' as const, refresh_token: first.refresh_token };
  const second = (await answer(sdk.refreshTokens({ client, body }))).data;
  token = second.access_token;
  expect(
    (await answer(sdk.introspectToken({ client, body: { token: second.refresh_token } }))).data.active,
  ).toBe(true);
  const other = await login('two cats on the keyboard');
  const sessions = (await answer(sdk.listSessions({ client }))).data.sessions;
  const past = sessions.find(({ current }) => !current);
  await answer(sdk.endSession({ client, path: { id: past?.id ?? '' } }));
  await answer(sdk.revokeToken({ client, body: { token: other.refresh_token } }));
  await login('two cats on the keyboard');
  await answer(sdk.endAllSessions({ client }));
  await login('two cats on the keyboard');
  await answer(sdk.deleteCurrentUser({ client, body: { password: 'two cats on the keyboard' } }));
  await expect(login('two cats on the keyboard')).rejects.toMatchObject({ code: 'invalid-credentials' });

  const source = await readFile(new URL('../src/api/sdk.gen.ts', import.meta.url), 'utf8');
  const operations = source.matchAll(/client\)\.(\w+)<[^;]*?url: '([^']+)'/g);
  expect([...called].sort()).toEqual([...operations].map(([, method, url]) => `${method} ${url}`).sort());
  expect(called.size).toBe(23);
});

test('the page has the client as memoctl writes it, whichever Hey API makes it, to the byte', async () => {
  const site = new URL('../', import.meta.url).pathname;
  const fresh = await mkdtemp(join(tmpdir(), 'memo-client-'));
  const write = (out: string, ...more: string[]) => {
    const what = ['client', 'typescript', '--server', '/', '--out', out, ...more];
    return promisify(execFile)(MEMOCTL, what, { cwd: REPOSITORY });
  };
  try {
    await write(join(site, 'src/api'), '--check');
    // No package is above this folder, so memoctl takes a Hey API of its own.
    await write(fresh);
    expect(await read(fresh)).toEqual(await read(join(site, 'src/api')));
  } finally {
    await rm(fresh, { recursive: true, force: true });
  }
});

/** The texts of the files in `folder`, by path. */
async function read(folder: string): Promise<Record<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const texts = await Promise.all(
    paths
      .sort()
      .map(async (path) => [path.slice(folder.length).replace(/^\//, ''), await readFile(path, 'utf8')]),
  );
  return Object.fromEntries(texts);
}
