import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { barriers, open, PASSWORD, Person, write } from './person';
import { shoot, useStage } from './stage';

const MINUTES = 60_000;

const stage = useStage();

test('an access token that has expired is renewed without a word', async () => {
  const ada = await Person.with(stage.browser, stage.origin);
  const page = await ada.registered();
  const renewals = () => stage.origin.calls.filter((call) => call === 'POST /oauth/token').length;
  const before = renewals();
  await page.clock.setSystemTime(Date.now() + 11 * MINUTES);
  await write(page, { title: 'Eleven minutes later' });
  expect(renewals()).toBe(before + 1);
  await ada.leave();
});

test('an access token that the API refuses is renewed, and the request sent again', async () => {
  const ada = await Person.with(stage.browser, stage.origin);
  const page = await ada.registered();
  let spoilt = false;
  stage.origin.tamper = ({ method, headers }) => {
    if (method === 'POST' && !spoilt && headers.has('authorization')) {
      spoilt = true;
      headers.set('authorization', `${headers.get('authorization')?.slice(0, -4)}AAAA`);
    }
    return undefined;
  };
  ada.expectStatus(401);
  await write(page, { title: 'Written twice, there once' });
  expect(spoilt).toBe(true);
  expect(await page.getByRole('article').count()).toBe(1);
  await ada.leave();
});

test('tabs that need new tokens at the same time do not end their session', async () => {
  const ada = await Person.with(stage.browser, stage.origin);
  const first = await ada.registered();
  const second = await ada.tab();
  await second.getByRole('heading', { name: 'Memos', level: 1 }).waitFor();
  const tabs = [first, second];
  for (const page of tabs) await page.clock.setSystemTime(Date.now() + 11 * MINUTES);
  await Promise.all(tabs.map((page, at) => write(page, { title: `From tab ${at}` })));
  await Promise.all(tabs.map((page) => page.reload()));
  await Promise.all(tabs.map((page) => open(page, 'From tab 1').waitFor()));
  await ada.leave();
});

test('a page that is reloaded while its tokens are renewed stays logged in', async () => {
  const ada = await Person.with(stage.browser, stage.origin);
  const page = await ada.registered();
  let release = () => {};
  const held = new Promise<undefined>((resolve) => {
    release = () => resolve(undefined);
  });
  const asked = new Promise<void>((resolve) => {
    stage.origin.tamper = ({ path }) => {
      if (path !== '/oauth/token') return undefined;
      resolve();
      return held;
    };
  });
  await page.reload();
  await asked;
  await page.reload();
  release();
  await page.getByRole('heading', { name: 'Memos', level: 1 }).waitFor();
  await ada.leave();
});

test('a session that was ended elsewhere asks for the password and keeps what was written', async () => {
  const ada = await Person.with(stage.browser, stage.origin);
  const page = await ada.registered();
  const other = await fetch(`${stage.origin.url}/v1/sessions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email: ada.email, password: PASSWORD }),
  });
  const { access_token } = (await other.json()) as { access_token: string };
  await fetch(`${stage.origin.url}/v1/sessions`, {
    method: 'DELETE',
    headers: { authorization: `Bearer ${access_token}` },
  });
  await page.getByRole('button', { name: 'New memo' }).click();
  await page.getByLabel('Title').fill('Half a thought');
  await page.clock.setSystemTime(Date.now() + 11 * MINUTES);
  await page.getByRole('button', { name: 'Save' }).click();
  const question = page.getByRole('dialog', { name: 'Your session has ended' });
  await question.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await shoot(page, 'session-over');
  await question.getByRole('button', { name: 'Log in' }).click();
  await question.waitFor({ state: 'detached' });
  expect(await page.getByLabel('Title').inputValue()).toBe('Half a thought');
  await page.getByRole('button', { name: 'Save' }).click();
  await open(page, 'Half a thought').waitFor();
  await ada.leave();
});

test('who logs out is out in every tab, and the refresh token is good for nothing', async () => {
  const ada = await Person.with(stage.browser, stage.origin);
  const first = await ada.registered();
  const second = await ada.tab();
  await second.getByRole('heading', { name: 'Memos', level: 1 }).waitFor();
  const refreshToken = await refreshTokenOf(first);
  await first.getByRole('button', { name: 'Log out' }).click();
  await first.getByRole('heading', { name: 'Log in' }).waitFor();
  await second.getByRole('heading', { name: 'Log in' }).waitFor();
  expect(await stored(first)).not.toContain('rt1.');
  const answer = await fetch(`${stage.origin.url}/oauth/token`, {
    method: 'POST',
    body: new URLSearchParams({ grant_type: 'refresh_token', refresh_token: refreshToken ?? '' }),
  });
  expect(answer.status).toBe(400);
  await ada.leave();
});

test('an access token never leaves the memory of the page', async () => {
  const ada = await Person.with(stage.browser, stage.origin);
  const page = await ada.registered();
  const all = await stored(page);
  expect(all).toContain('rt1.');
  expect(all).not.toContain('eyJ');
  await ada.leave();
});

test('what the service finds wrong is told in words at its field', async () => {
  const ada = await Person.with(stage.browser, stage.origin);
  const page = await ada.tab();
  await page.getByRole('button', { name: 'Create an account' }).click();
  await page.getByLabel('E-mail address').fill('ada');
  await page.getByLabel('Password', { exact: true }).fill('short');
  ada.expectStatus(422);
  await page.getByRole('button', { name: 'Create account' }).click();
  await page.getByRole('alert').waitFor();
  const email = page.getByLabel('E-mail address');
  expect(await email.getAttribute('aria-invalid')).toBe('true');
  await expect.poll(() => email.evaluate((field) => field === document.activeElement)).toBe(true);
  await shoot(page, 'invalid');
  expect(await barriers(page)).toEqual([]);
  await ada.leave();
});

/** Everything that the browser keeps for the page, as text. */
function stored(page: Page): Promise<string> {
  return page.evaluate(async () => {
    const all: unknown[] = [{ ...localStorage }, { ...sessionStorage }, document.cookie, await caches.keys()];
    for (const { name } of await indexedDB.databases()) {
      const database = await new Promise<IDBDatabase>((resolve) => {
        const request = indexedDB.open(name ?? '');
        request.onsuccess = () => resolve(request.result);
      });
      for (const store of database.objectStoreNames) {
        const request = database.transaction(store).objectStore(store).getAll();
        await new Promise((resolve) => {
          request.onsuccess = resolve;
        });
        all.push(request.result);
      }
      database.close();
    }
    return JSON.stringify(all);
  });
}

async function refreshTokenOf(page: Page): Promise<string | undefined> {
  return /rt1\.[\w-]+\.[\w-]+/.exec(await stored(page))?.[0];
}
