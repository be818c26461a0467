import { mkdir } from 'node:fs/promises';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll } from 'vitest';
import { type Api, startApi } from './cloud';
import { type Origin, startOrigin } from './origin';
import { startBrowser } from './person';

const SHOTS = new URL('../../target/shots/', import.meta.url).pathname;

/** What the tests of one file play on: an API, the page in front of it, and a browser. */
export interface Stage {
  api: Api;
  origin: Origin;
  browser: Browser;
}

/** Sets the stage before the tests of the file that calls it, and clears it away after them. */
export function useStage(): Stage {
  const stage = {} as Stage;
  beforeAll(async () => {
    await mkdir(SHOTS, { recursive: true });
    [stage.api, stage.browser] = await Promise.all([startApi(), startBrowser()]);
    stage.origin = await startOrigin(stage.api.site);
  });
  afterEach(() => {
    stage.origin.tamper = undefined;
  });
  afterAll(async () => {
    await stage.browser?.close();
    await stage.origin?.stop();
    await stage.api?.stop();
  });
  return stage;
}

export async function shoot(page: Page, name: string): Promise<void> {
  await page.evaluate(() => scrollTo(0, 0));
  await page.screenshot({ path: `${SHOTS}${name}.png`, animations: 'disabled' });
}
