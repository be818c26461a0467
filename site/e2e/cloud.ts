import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** The API that the page is tried with. */
export interface Api {
  url: string;
  stop(): Promise<void>;
}

export const REPOSITORY = new URL('../../', import.meta.url).pathname;
/** The memoctl that is tried. */
export const MEMOCTL = process.env.MEMOCTL ?? join(REPOSITORY, 'target/debug/memoctl');
/** Building the handlers may take this long; milliseconds. */
const PATIENCE = 300_000;

/** `MEMO_API` where something serves already, else a local cloud of its own: `memoctl dev` with an empty state. */
export async function startApi(): Promise<Api> {
  const given = process.env.MEMO_API;
  if (given) return { url: given, stop: async () => {} };
  const state = await mkdtemp(join(tmpdir(), 'memo-page-'));
  const child = spawn(
    MEMOCTL,
    ['dev', '--builder', 'cargo', '--port', '0', '--state', state, '--color', 'never'],
    {
      cwd: REPOSITORY,
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  try {
    return { url: await urlOf(child), stop: () => stop(child, state) };
  } catch (error) {
    await stop(child, state);
    throw error;
  }
}

function urlOf(child: ChildProcess): Promise<string> {
  const talk: string[] = [];
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
      const url = /^url = (\S+)$/.exec(line)?.[1];
      if (url === undefined) return;
      clearTimeout(late);
      resolve(url);
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
