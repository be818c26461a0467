import axe from 'axe-core';
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { chromium } from 'playwright-core';
import { expect } from 'vitest';
import type { Origin } from './origin';

export const PASSWORD = 'a cat on the keyboard';

/** Chromium as it runs without a network of its own. */
export function startBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}

/** Somebody with a browser of their own, whose every console error is a failure. */
export class Person {
  readonly email = `ada-${crypto.randomUUID()}@example.com`;
  readonly complaints: string[] = [];
  private readonly expected: RegExp[] = [];
  private readonly allowed: RegExp[] = [];
  private readonly context: BrowserContext;
  private readonly origin: Origin;

  private constructor(context: BrowserContext, origin: Origin) {
    this.context = context;
    this.origin = origin;
  }

  static async with(browser: Browser, origin: Origin, options: BrowserContextOptions = {}): Promise<Person> {
    const context = await browser.newContext({
      viewport: { width: 1280, height: 800 },
      locale: 'en-GB',
      ...options,
    });
    context.setDefaultTimeout(15_000);
    return new Person(context, origin);
  }

  /** The browser tells of each request that goes wrong in its console: of what is like this it has to, so many times. */
  expect(complaint: RegExp, times = 1): void {
    for (let time = 0; time < times; time += 1) this.expected.push(complaint);
  }

  /** Of what is like this there may be any number. */
  allow(complaint: RegExp): void {
    this.allowed.push(complaint);
  }

  expectStatus(status: number): void {
    this.expect(new RegExp(`the server responded with a status of ${status}`));
  }

  async tab(): Promise<Page> {
    const page = await this.context.newPage();
    page.on('pageerror', (error) => this.complaints.push(`${error.name}: ${error.message}`));
    page.on('console', (message) => {
      if (message.type() !== 'error' && message.type() !== 'warning') return;
      if (this.allowed.some((allowed) => allowed.test(message.text()))) return;
      const at = this.expected.findIndex((expected) => expected.test(message.text()));
      if (at >= 0) this.expected.splice(at, 1);
      else this.complaints.push(`${message.text()} (${message.location().url})`);
    });
    await page.goto(this.origin.url);
    return page;
  }

  /** A tab in which this person has just made an account. */
  async registered(): Promise<Page> {
    const page = await this.tab();
    await page.getByRole('button', { name: 'Create an account' }).click();
    await page.getByLabel('E-mail address').fill(this.email);
    await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
    await page.getByRole('button', { name: 'Create account' }).click();
    await page.getByRole('heading', { name: 'Memos', level: 1 }).waitFor();
    return page;
  }

  offline(isOffline: boolean): Promise<void> {
    return this.context.setOffline(isOffline);
  }

  /** Ends the visit: nothing may have been complained of, and all that was expected has come. */
  async leave(): Promise<void> {
    await this.context.close();
    expect(this.complaints).toEqual([]);
    expect(this.expected).toEqual([]);
  }
}

export async function write(
  page: Page,
  memo: { title: string; text?: string; tags?: string },
): Promise<void> {
  await page.getByRole('button', { name: 'New memo' }).click();
  const dialog = page.getByRole('dialog', { name: 'New memo' });
  await dialog.getByLabel('Title').fill(memo.title);
  if (memo.text) await dialog.getByLabel('Text').fill(memo.text);
  if (memo.tags) await dialog.getByLabel('Tags', { exact: true }).fill(memo.tags);
  await dialog.getByRole('button', { name: 'Save' }).click();
  await dialog.waitFor({ state: 'detached' });
  await open(page, memo.title).waitFor();
}

/** The button that opens a memo. */
export function open(page: Page, title: string) {
  return page.getByRole('article', { name: title }).getByRole('button', { name: title, exact: true });
}

/** What axe finds that is serious or worse, with the places. */
export async function barriers(page: Page): Promise<string[]> {
  // Evaluated by the debugger, which no Content-Security-Policy holds up.
  await page.evaluate(axe.source);
  const found = await page.evaluate(async () => {
    const { axe } = globalThis as unknown as { axe: typeof import('axe-core') };
    return (await axe.run({ exclude: [] })).violations;
  });
  return found
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(
      ({ id, nodes }) => `${id}: ${nodes.map((node) => `${node.target} ${node.failureSummary}`).join(' | ')}`,
    );
}
