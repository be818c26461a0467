import type { TokenResponse } from '../api';
import { Failure } from '../failure';
import type { Keep } from './keep';

export type Exchange = (refreshToken: string) => Promise<TokenResponse>;

/** Runs one act at a time. */
export type Lock = <T>(act: () => Promise<T>) => Promise<T>;

/** One act at a time over all tabs of this browser and their service worker, where the browser has locks. */
export const browserLock: Lock = (act) =>
  'locks' in navigator ? navigator.locks.request('memo.session', act) : act();

/**
 * Exchanges the refresh token that is kept for new tokens, and keeps the next one.
 *
 * A refresh token is good once, and one that is used twice ends the session. So the token is read and replaced under the
 * lock.
 *
 * @throws {Failure} `session-over` where there is none or it is not good any more; nothing is kept then
 */
export function renew(keep: Keep, exchange: Exchange, lock: Lock): Promise<TokenResponse> {
  return lock(async () => {
    const kept = await keep.read();
    if (!kept) throw Failure.sessionOver();
    try {
      const tokens = await exchange(kept.refreshToken);
      await keep.write({ ...kept, refreshToken: tokens.refresh_token });
      return tokens;
    } catch (error) {
      if (!(error instanceof Failure) || error.code !== 'invalid_grant') throw error;
      await keep.clear();
      throw Failure.sessionOver();
    }
  });
}
