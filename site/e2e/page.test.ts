import { mkdir } from 'node:fs/promises';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { type Api, startApi } from './cloud';
import { type Origin, startOrigin } from './origin';
import { barriers, open, PASSWORD, Person, startBrowser, write } from './person';

const SHOTS = new URL('./shots/', import.meta.url).pathname;
const MINUTES = 60_000;

let api: Api;
let origin: Origin;
let browser: Browser;

beforeAll(async () => {
  await mkdir(SHOTS, { recursive: true });
  [api, browser] = await Promise.all([startApi(), startBrowser()]);
  origin = await startOrigin(api.url);
});
afterEach(() => {
  origin.tamper = undefined;
});
afterAll(async () => {
  await browser?.close();
  await origin?.stop();
  await api?.stop();
});

async function shoot(page: Page, name: string): Promise<void> {
  await page.evaluate(() => scrollTo(0, 0));
  await page.screenshot({ path: `${SHOTS}${name}.png`, animations: 'disabled' });
}

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

test('a memo is made, found, changed, pinned, archived, deleted and brought back', async () => {
  const ada = await Person.with(browser, origin);
  const page = await ada.registered();
  await write(page, { title: 'Milk', text: 'Two litres.', tags: 'shopping, home' });
  await write(page, { title: 'Train to Utrecht', text: 'Platform 7\n09:42' });

  await open(page, 'Milk').click();
  await page.getByLabel('Title').fill('Oat milk');
  await page.getByRole('button', { name: 'Save' }).click();
  await open(page, 'Oat milk').waitFor();

  await page.getByRole('button', { name: 'Pin “Oat milk”' }).click();
  await page.getByRole('heading', { name: 'Pinned' }).waitFor();
  expect(await page.getByRole('article').first().innerText()).toContain('Oat milk');

  await page.getByRole('searchbox').fill('PLATFORM');
  await open(page, 'Oat milk').waitFor({ state: 'detached' });
  await open(page, 'Train to Utrecht').waitFor();
  await page.getByRole('button', { name: 'Clear the search' }).click();

  await page.getByRole('navigation').getByRole('link', { name: 'shopping' }).click();
  await page.getByRole('heading', { name: 'Tag: shopping', level: 1 }).waitFor();
  await open(page, 'Train to Utrecht').waitFor({ state: 'detached' });

  await page.getByRole('button', { name: 'Archive “Oat milk”' }).click();
  await open(page, 'Oat milk').waitFor({ state: 'detached' });
  await page.getByText('Archived “Oat milk”.').waitFor();
  await page.getByRole('navigation').getByRole('link', { name: 'Archive' }).click();
  await open(page, 'Oat milk').waitFor();
  await page.getByRole('button', { name: 'Take “Oat milk” back' }).click();
  await page.getByRole('navigation').getByRole('link', { name: 'Memos' }).click();

  await page.getByRole('button', { name: 'Delete “Oat milk”' }).click();
  await open(page, 'Oat milk').waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'Undo' }).click();
  await open(page, 'Oat milk').waitFor();
  await ada.leave();
});

test('who meets a change of another tab sees both versions and chooses', async () => {
  const ada = await Person.with(browser, origin);
  const first = await ada.registered();
  const second = await ada.tab();
  for (const choice of ['Keep mine', 'Take theirs', 'Merge by hand'] as const) {
    await first.bringToFront();
    await write(first, { title: choice, text: 'Tent\nStove\nRope', tags: 'trip' });
    await second.bringToFront();
    await second.reload();
    await open(second, choice).click();
    await first.bringToFront();
    await open(first, choice).click();
    await first.getByLabel('Text').fill('Tent, the big one\nStove\nRope');
    await first.getByRole('button', { name: 'Save' }).click();
    await first.getByRole('dialog').waitFor({ state: 'detached' });
    await second.bringToFront();
    await second.getByLabel('Text').fill('Tent\nStove\nRope, 40 m');
    ada.expectStatus(412);
    await second.getByRole('button', { name: 'Save' }).click();
    const question = second.getByRole('dialog', { name: 'Changed in the meantime' });
    await question.waitFor();
    expect(await question.innerText()).toMatch(/Rope, 40 m[\s\S]*Tent, the big one/);
    if (choice === 'Keep mine') {
      expect(await barriers(second)).toEqual([]);
      await shoot(second, 'conflict-1280');
      await second.setViewportSize({ width: 320, height: 780 });
      expect(await question.evaluate((dialog) => dialog.scrollWidth - dialog.clientWidth)).toBe(0);
      await shoot(second, 'conflict-320');
      await second.setViewportSize({ width: 1280, height: 800 });
    }
    await question.getByRole('button', { name: choice }).click();
    if (choice === 'Merge by hand') {
      expect(await second.getByLabel('Text').inputValue()).toBe('Tent, the big one\nStove\nRope, 40 m');
      await second.getByRole('button', { name: 'Save' }).click();
    }
    await second.getByRole('dialog').waitFor({ state: 'detached' });
    const text = await second.getByRole('article', { name: choice }).innerText();
    expect(text.includes('the big one')).toBe(choice !== 'Keep mine');
    expect(text.includes('40 m')).toBe(choice !== 'Take theirs');
  }
  await ada.leave();
});

test('a memo that was deleted elsewhere comes back with what was written', async () => {
  const ada = await Person.with(browser, origin);
  const first = await ada.registered();
  await write(first, { title: 'Recipe', text: 'Flour' });
  const second = await ada.tab();
  await open(second, 'Recipe').click();
  await first.bringToFront();
  await first.getByRole('button', { name: 'Delete “Recipe”' }).click();
  await open(first, 'Recipe').waitFor({ state: 'detached' });
  await second.bringToFront();
  await second.getByLabel('Text').fill('Flour and eggs');
  ada.expectStatus(404);
  await second.getByRole('button', { name: 'Save' }).click();
  await second.getByRole('button', { name: 'Bring it back with my text' }).click();
  await second.getByRole('dialog').waitFor({ state: 'detached' });
  expect(await second.getByRole('article', { name: 'Recipe' }).innerText()).toContain('Flour and eggs');
  await ada.leave();
});

test('an access token that has expired is renewed without a word', async () => {
  const ada = await Person.with(browser, origin);
  const page = await ada.registered();
  const renewals = () => origin.calls.filter((call) => call === 'POST /oauth/token').length;
  const before = renewals();
  await page.clock.setSystemTime(Date.now() + 11 * MINUTES);
  await write(page, { title: 'Eleven minutes later' });
  expect(renewals()).toBe(before + 1);
  await ada.leave();
});

test('an access token that the API refuses is renewed, and the request sent again', async () => {
  const ada = await Person.with(browser, origin);
  const page = await ada.registered();
  let spoilt = false;
  origin.tamper = ({ method, headers }) => {
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
  const ada = await Person.with(browser, origin);
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
  const ada = await Person.with(browser, origin);
  const page = await ada.registered();
  for (let time = 0; time < 4; time += 1) await page.reload({ waitUntil: 'commit' });
  await page.getByRole('heading', { name: 'Memos', level: 1 }).waitFor();
  await ada.leave();
});

test('a session that was ended elsewhere asks for the password and keeps what was written', async () => {
  const ada = await Person.with(browser, origin);
  const page = await ada.registered();
  const other = await fetch(`${origin.url}/v1/sessions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email: ada.email, password: PASSWORD }),
  });
  const { access_token } = (await other.json()) as { access_token: string };
  await fetch(`${origin.url}/v1/sessions`, {
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
  const ada = await Person.with(browser, origin);
  const first = await ada.registered();
  const second = await ada.tab();
  await second.getByRole('heading', { name: 'Memos', level: 1 }).waitFor();
  const refreshToken = await refreshTokenOf(first);
  await first.getByRole('button', { name: 'Log out' }).click();
  await first.getByRole('heading', { name: 'Log in' }).waitFor();
  await second.getByRole('heading', { name: 'Log in' }).waitFor();
  expect(await stored(first)).not.toContain('rt1.');
  const answer = await fetch(`${origin.url}/oauth/token`, {
    method: 'POST',
    body: new URLSearchParams({ grant_type: 'refresh_token', refresh_token: refreshToken ?? '' }),
  });
  expect(answer.status).toBe(400);
  await ada.leave();
});

test('an access token never leaves the memory of the page', async () => {
  const ada = await Person.with(browser, origin);
  const page = await ada.registered();
  const all = await stored(page);
  expect(all).toContain('rt1.');
  expect(all).not.toContain('eyJ');
  await ada.leave();
});

test('what the service finds wrong is told in words at its field', async () => {
  const ada = await Person.with(browser, origin);
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

test('more memos come as the list is scrolled to its end', async () => {
  const ada = await Person.with(browser, origin);
  const page = await ada.registered();
  const login = await fetch(`${origin.url}/v1/sessions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email: ada.email, password: PASSWORD }),
  });
  const { access_token } = (await login.json()) as { access_token: string };
  for (let at = 1; at <= 65; at += 1) {
    await fetch(`${origin.url}/v1/memos`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${access_token}` },
      body: JSON.stringify({ title: `Memo ${at}`, content: 'One\nTwo\nThree\nFour\nFive' }),
    });
  }
  await page.reload();
  await open(page, 'Memo 65').waitFor();
  expect(await page.getByRole('article').count()).toBeLessThan(65);
  await expect
    .poll(async () => {
      await page.mouse.wheel(0, 4000);
      return page.getByRole('article').count();
    })
    .toBe(65);
  await page.getByRole('button', { name: 'Show more' }).waitFor({ state: 'detached' });
  await ada.leave();
});

test('without a connection the page says so, keeps what is written, and saves it when it is back', async () => {
  const ada = await Person.with(browser, origin);
  const page = await ada.registered();
  await page.getByRole('button', { name: 'New memo' }).click();
  await page.getByLabel('Title').fill('On the train');
  // The creation is tried three times.
  ada.expect(/ERR_INTERNET_DISCONNECTED/, 3);
  await ada.offline(true);
  await page.getByText('You are offline.').waitFor();
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('alert').getByText('The service cannot be reached.').waitFor();
  await shoot(page, 'offline');
  await ada.offline(false);
  await page.getByRole('button', { name: 'Save' }).click();
  await open(page, 'On the train').waitFor();
  expect(await page.getByRole('article').count()).toBe(1);
  await ada.leave();
});

test('a creation whose answer is lost is made once', async () => {
  const ada = await Person.with(browser, origin);
  const page = await ada.registered();
  let lost = 0;
  origin.tamper = ({ method, path }) => {
    if (method !== 'POST' || path !== '/v1/memos' || lost === 2) return undefined;
    lost += 1;
    return 'lose';
  };
  ada.expect(/ERR_EMPTY_RESPONSE/, 2);
  await write(page, { title: 'Once' });
  expect(lost).toBe(2);
  await page.reload();
  await open(page, 'Once').waitFor();
  expect(await page.getByRole('article').count()).toBe(1);
  await ada.leave();
});

test('a change whose answer is lost is no conflict with itself', async () => {
  const ada = await Person.with(browser, origin);
  const page = await ada.registered();
  await write(page, { title: 'Milk', text: 'One litre' });
  let lost = 0;
  origin.tamper = ({ method }) => {
    if (method !== 'PATCH' || lost === 1) return undefined;
    lost += 1;
    return 'lose';
  };
  ada.expect(/ERR_EMPTY_RESPONSE/);
  ada.expectStatus(412);
  await open(page, 'Milk').click();
  await page.getByLabel('Text').fill('Two litres');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('article').getByText('Two litres').waitFor();
  expect(await page.getByRole('dialog').count()).toBe(0);
  await ada.leave();
});

test('all of it works by the keyboard alone', async () => {
  const ada = await Person.with(browser, origin);
  const page = await ada.registered();
  const focused = () =>
    page.evaluate(() => document.activeElement?.textContent || document.activeElement?.id);
  await page.keyboard.press('Tab');
  expect(await focused()).toContain('New memo');
  await page.keyboard.press('Enter');
  await page.getByRole('dialog').waitFor();
  expect(await focused()).toBe('title');
  await page.keyboard.type('Typed');
  await page.keyboard.press('Escape');
  await page.getByText('Discard what you wrote?').waitFor();
  await page.keyboard.press('Enter');
  await page.getByLabel('Title').focus();
  await page.keyboard.press('Control+Enter');
  await open(page, 'Typed').waitFor();
  await expect.poll(focused).toContain('New memo');
  await page.keyboard.press('Tab');
  expect(await focused()).toBe('Typed');
  for (let step = 0; step < 3; step += 1) await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await open(page, 'Typed').waitFor({ state: 'detached' });
  await expect.poll(focused).toContain('New memo');
  await page.keyboard.press('Control+z');
  await open(page, 'Typed').waitFor();
  await ada.leave();
});

for (const scheme of ['light', 'dark'] as const) {
  for (const width of [320, 1280]) {
    test(`nothing bars the way at ${width} px in a ${scheme} room`, async () => {
      const options = {
        viewport: { width, height: 780 },
        colorScheme: scheme,
        reducedMotion: 'reduce',
      } as const;
      const ada = await Person.with(browser, origin, options);
      const outside = await ada.tab();
      expect(await barriers(outside)).toEqual([]);
      await shoot(outside, `log-in-${width}-${scheme}`);
      await outside.close();
      const page = await ada.registered();
      expect(await barriers(page)).toEqual([]);
      await shoot(page, `empty-${width}-${scheme}`);
      for (const memo of MEMOS) await write(page, memo);
      await page.getByRole('button', { name: 'Pin “Groceries”' }).click();
      await page.getByRole('heading', { name: 'Pinned' }).waitFor();
      await page.getByRole('button', { name: 'Delete “Old note”' }).click();
      await page.getByRole('button', { name: 'Undo' }).waitFor();
      expect(await barriers(page)).toEqual([]);
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      expect(overflow).toBeLessThanOrEqual(0);
      await shoot(page, `memos-${width}-${scheme}`);
      await open(page, 'Train to Utrecht').click();
      expect(await barriers(page)).toEqual([]);
      await shoot(page, `editor-${width}-${scheme}`);
      await ada.leave();
    });
  }
}

const MEMOS = [
  { title: 'Old note' },
  { title: 'Books to return', text: 'The Overstory\nPiranesi', tags: 'library' },
  {
    title: 'Why the pump stopped',
    text: 'The float switch hung on its own cable. Tie the cable higher, and look again after the next heavy rain, because the pit fills within the hour and nobody hears the alarm in the back room.',
    tags: 'house, repairs',
  },
  { title: 'Train to Utrecht', text: 'Platform 7, 09:42\nChange in Gouda\nSeat 61, window', tags: 'trip' },
  { title: 'Donaudampfschifffahrtsgesellschaftskapitän', text: 'A word that does not fit.' },
  { title: 'Groceries', text: 'Oat milk\nLemons\nCoffee, whole beans\nRye bread', tags: 'shopping, house' },
];
