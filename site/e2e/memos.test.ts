import { expect, test } from 'vitest';
import { barriers, open, PASSWORD, Person, write } from './person';
import { shoot, useStage } from './stage';

const stage = useStage();

test('a memo is made, found, changed, pinned, archived, deleted and brought back', async () => {
  const ada = await Person.with(stage.browser, stage.origin);
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
  const ada = await Person.with(stage.browser, stage.origin);
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
  const ada = await Person.with(stage.browser, stage.origin);
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

test('more memos come as the list is scrolled to its end', async () => {
  const ada = await Person.with(stage.browser, stage.origin);
  const page = await ada.registered();
  const login = await fetch(`${stage.origin.url}/v1/sessions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email: ada.email, password: PASSWORD }),
  });
  const { access_token } = (await login.json()) as { access_token: string };
  for (let at = 1; at <= 65; at += 1) {
    await fetch(`${stage.origin.url}/v1/memos`, {
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
  const ada = await Person.with(stage.browser, stage.origin);
  const page = await ada.registered();
  await page.getByRole('heading', { name: 'Nothing noted yet' }).waitFor();
  await page.getByRole('button', { name: 'New memo' }).click();
  await page.getByLabel('Title').fill('On the train');
  ada.allow(/ERR_INTERNET_DISCONNECTED/);
  await ada.offline(true);
  await page.getByText('You are offline.').waitFor();
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('dialog').getByRole('alert').getByText('The service cannot be reached.').waitFor();
  await shoot(page, 'offline');
  await ada.offline(false);
  await page.getByRole('button', { name: 'Save' }).click();
  await open(page, 'On the train').waitFor();
  expect(await page.getByRole('article').count()).toBe(1);
  await ada.leave();
});

test('a creation whose answer is lost is made once', async () => {
  const ada = await Person.with(stage.browser, stage.origin);
  const page = await ada.registered();
  let lost = 0;
  stage.origin.tamper = ({ method, path }) => {
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
  const ada = await Person.with(stage.browser, stage.origin);
  const page = await ada.registered();
  await write(page, { title: 'Milk', text: 'One litre' });
  let lost = 0;
  stage.origin.tamper = ({ method }) => {
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
  const ada = await Person.with(stage.browser, stage.origin);
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
