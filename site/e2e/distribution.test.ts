import { expect, test } from 'vitest';
import { Person, write } from './person';
import { shoot, useStage } from './stage';

const stage = useStage();

test('what memoctl dev opens on is a page that works, at one origin with its API', async () => {
  const ada = await Person.with(stage.browser, { ...stage.origin, url: stage.api.site });
  const page = await ada.registered();
  await write(page, { title: 'From the distribution' });
  await page.reload();
  await page.getByRole('article').getByText('From the distribution').waitFor();
  expect(new URL(page.url()).origin).toBe(stage.api.site);
  await shoot(page, 'distribution');
  await ada.leave();
});
