import { describe, expect, test, vi } from 'vitest';
import type { TokenResponse } from '../api';
import { Failure } from '../failure';
import { Memory } from './keep';
import { type Lock, renew } from './renewal';
import { type Ports, Session } from './session';

/** The service: a refresh token is good once, and one that is used twice ends the session. */
class Service {
  generation = 0;
  exchanges = 0;
  ended = false;

  tokens(): TokenResponse {
    return {
      access_token: `access-${this.generation}`,
      refresh_token: `rt1.${this.generation}.x`,
      token_type: 'Bearer',
      expires_in: 600,
      scope: 'memos:read',
    };
  }

  exchange = async (refreshToken: string): Promise<TokenResponse> => {
    this.exchanges += 1;
    await Promise.resolve();
    if (refreshToken !== `rt1.${this.generation}.x`) this.ended = true;
    if (this.ended) throw new Failure({ status: 400, code: 'invalid_grant' });
    this.generation += 1;
    return this.tokens();
  };
}

/** A lock as a browser's tabs share it. */
function lock(): Lock {
  let last: Promise<unknown> = Promise.resolve();
  return (act) => {
    const mine = last.then(act);
    last = mine.catch(() => undefined);
    return mine;
  };
}

function world(over: Partial<Ports> = {}) {
  const service = new Service();
  const shared = new Memory();
  const oneAtATime = lock();
  const clock = { now: 0 };
  const revoke = vi.fn(async (_token: string) => {});
  const ports: Ports = {
    logIn: async () => service.tokens(),
    exchange: service.exchange,
    revoke,
    lock: oneAtATime,
    shared,
    renewShared: () => renew(shared, service.exchange, oneAtATime),
    announce: () => {},
    now: () => clock.now,
    ...over,
  };
  return { service, shared, clock, revoke, tab: () => new Session(ports) };
}

async function loggedIn(stay = true, over: Partial<Ports> = {}) {
  const all = world(over);
  const session = all.tab();
  await session.logIn('ada@example.com', 'secret', stay);
  return { ...all, session };
}

describe('a session', () => {
  test('is renewed once for all that wait for a token', async () => {
    const { session, service, clock } = await loggedIn();
    clock.now = 600_000;
    const tokens = await Promise.all([session.token(), session.token(), session.token()]);
    expect(tokens).toEqual(['access-1', 'access-1', 'access-1']);
    expect(service.exchanges).toBe(1);
  });

  test('uses its access token until shortly before its end', async () => {
    const { session, service, clock } = await loggedIn();
    clock.now = 570_000;
    expect(await session.token()).toBe('access-0');
    clock.now = 585_000;
    expect(await session.token()).toBe('access-1');
    expect(service.exchanges).toBe(1);
  });

  test('does not end when many tabs need new tokens at once', async () => {
    const { session, service, clock, tab } = await loggedIn();
    const tabs = [session, tab(), tab(), tab()];
    clock.now = 600_000;
    await Promise.all(tabs.map((each) => each.token()));
    expect([service.exchanges, service.ended]).toEqual([4, false]);
  });

  test('renews a refused token once for all that were refused with it', async () => {
    const { session, service } = await loggedIn();
    await Promise.all([session.renewed('access-0'), session.renewed('access-0')]);
    expect(await session.renewed('access-0')).toBe('access-1');
    expect(service.exchanges).toBe(1);
  });

  test('is over when its refresh token is not good any more', async () => {
    const { session, service, shared, clock } = await loggedIn();
    service.ended = true;
    clock.now = 600_000;
    await expect(session.token()).rejects.toMatchObject({ code: 'session-over' });
    expect(session.phase.value).toBe('over');
    expect(await shared.read()).toBeUndefined();
  });

  test('outlives a service that cannot be reached', async () => {
    const { session, shared, clock } = await loggedIn(true, {
      renewShared: async () => Promise.reject(Failure.offline()),
    });
    clock.now = 600_000;
    await expect(session.token()).rejects.toMatchObject({ code: 'offline' });
    expect(session.phase.value).toBe('in');
    expect(await shared.read()).toBeDefined();
  });

  test('is gone on with by the next page', async () => {
    const { tab } = await loggedIn();
    const next = tab();
    await next.start();
    expect([next.phase.value, next.email.value]).toEqual(['in', 'ada@example.com']);
  });

  test('of who does not wish to stay is known to its page alone', async () => {
    const { session, shared, clock, tab } = await loggedIn(false);
    expect(await shared.read()).toBeUndefined();
    clock.now = 600_000;
    expect(await session.token()).toBe('access-1');
    const next = tab();
    await next.start();
    expect(next.phase.value).toBe('out');
  });

  test('is known to its page alone where the browser keeps nothing', async () => {
    const shared = new Memory();
    shared.write = async () => Promise.reject(new DOMException('', 'QuotaExceededError'));
    shared.read = async () => Promise.reject(new DOMException('', 'SecurityError'));
    const { session, clock, tab } = await loggedIn(true, { shared });
    clock.now = 600_000;
    expect(await session.token()).toBe('access-1');
    const next = tab();
    await next.start();
    expect(next.phase.value).toBe('out');
  });

  test('that is ended while it is renewed stays ended, and its latest token is revoked', async () => {
    const { session, shared, revoke, clock } = await loggedIn();
    clock.now = 600_000;
    const renewal = session.token();
    await session.logOut();
    await renewal;
    expect(await shared.read()).toBeUndefined();
    expect(session.phase.value).toBe('out');
    expect(revoke).toHaveBeenCalledExactlyOnceWith('rt1.1.x');
  });

  test('is forgotten here when the service cannot be told', async () => {
    const { session, shared } = await loggedIn(true, {
      revoke: async () => Promise.reject(Failure.offline()),
    });
    await expect(session.logOut()).rejects.toMatchObject({ code: 'offline' });
    expect([session.phase.value, await shared.read()]).toEqual(['out', undefined]);
  });

  test('of another person in another tab is not gone on with', async () => {
    const { session } = await loggedIn();
    expect(session.heard('bob@example.com')).toBe(false);
  });

  test('ends with that of the other tabs', async () => {
    const { session } = await loggedIn();
    expect(session.heard(undefined)).toBe(true);
    expect(session.phase.value).toBe('out');
  });
});
