import { expect, test } from 'vitest';
import { barriers, open, Person, write } from './person';
import { shoot, useStage } from './stage';

const stage = useStage();

for (const scheme of ['light', 'dark'] as const) {
  for (const width of [320, 1280]) {
    test(`nothing bars the way at ${width} px in a ${scheme} room`, async () => {
      const options = {
        viewport: { width, height: 780 },
        colorScheme: scheme,
        reducedMotion: 'reduce',
      } as const;
      const ada = await Person.with(stage.browser, stage.origin, options);
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
