import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** What the page is tried with. */
export interface Api {
  /** The API's own URL. */
  url: string;
  /** The origin of the page and the API. */
  site: string;
  stop(): Promise<void>;
}

export const REPOSITORY = new URL('../../', import.meta.url).pathname;
/** The memoctl that is tried. */
export const MEMOCTL = process.env.MEMOCTL ?? join(REPOSITORY, 'target/debug/memoctl');
/** Building the handlers may take this long; milliseconds. */
const PATIENCE = 300_000;

/** `MEMO_API` and `MEMO_SITE` where something serves already, else a local cloud of its own: `memoctl dev` with an empty state. */
export async function startApi(): Promise<Api> {
  const given = process.env.MEMO_API;
  const page = process.env.MEMO_SITE;
  if (given && page) return { url: given, site: page, stop: async () => {} };
  const state = await mkdtemp(join(tmpdir(), 'memo-page-'));
  const child = spawn(
    MEMOCTL,
    ['dev', '--builder', 'cargo', '--port', '0', '--state', state, '--color', 'never'],
    {
      cwd: REPOSITORY,
      // The page is built for people, whoever starts its build.
      env: { ...process.env, NODE_ENV: 'production' },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  try {
    return { ...(await told(child)), stop: () => stop(child, state) };
  } catch (error) {
    await stop(child, state);
    throw error;
  }
}

/** The lines `url = …` and `site = …`, which come one after the other. */
function told(child: ChildProcess): Promise<{ url: string; site: string }> {
  const talk: string[] = [];
  let url: string | undefined;
  child.stderr?.on('data', (text) => talk.push(String(text)));
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error(`memoctl dev prints no url: ${talk.join('')}`)), PATIENCE);
    const fail = (cause: string) => {
      clearTimeout(late);
      reject(new Error(`memoctl dev: ${cause}: ${talk.join('')}`));
    };
    child.once('error', (error) => fail(error.message));
    child.once('exit', (code) => fail(`it has ended with ${code}`));
    if (!child.stdout) return fail('it has no stdout');
    createInterface(child.stdout).on('line', (line) => {
      url ??= /^url = (\S+)$/.exec(line)?.[1];
      const site = /^site = (\S+)$/.exec(line)?.[1];
      if (url === undefined || site === undefined) return;
      clearTimeout(late);
      resolve({ url, site });
    });
  });
}

async function stop(child: ChildProcess, state: string): Promise<void> {
  if (child.exitCode === null && child.pid !== undefined) {
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGINT');
    await ended;
  }
  await rm(state, { recursive: true, force: true });
}
