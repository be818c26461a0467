import { signal } from '@preact/signals';
import type { TokenResponse } from '../api';
import { Failure } from '../failure';
import { type Keep, type Kept, Memory } from './keep';
import { type Exchange, type Lock, renew } from './renewal';

/**
 * `starting` until it is known whether somebody is logged in; `over` where a session has ended by itself while its page
 * is open, with what the person was at.
 */
export type Phase = 'starting' | 'out' | 'in' | 'over';

export interface Ports {
  logIn(email: string, password: string): Promise<TokenResponse>;
  exchange: Exchange;
  revoke(refreshToken: string): Promise<void>;
  lock: Lock;
  /** Where the session is kept of who wishes to stay logged in. */
  shared: Keep;
  /** Renews what is kept in `shared`, such that a page that is closed meanwhile loses nothing. */
  renewShared(): Promise<TokenResponse>;
  /** Tells the other tabs who is logged in now. */
  announce(email: string | undefined): void;
  /** Milliseconds. */
  now(): number;
}

/** An access token is not used in the last seconds of its life: the request has to get there; milliseconds. */
const MARGIN = 20_000;

/** A person's session: the access token, in memory alone, and its renewal, one at a time. */
export class Session {
  readonly phase = signal<Phase>('starting');
  readonly email = signal('');
  private access: { token: string; until: number } | undefined;
  private renewal: Promise<string> | undefined;
  private keep: Keep;
  private readonly ports: Ports;

  constructor(ports: Ports) {
    this.ports = ports;
    this.keep = ports.shared;
  }

  /** Goes on with the session that the browser has kept, if any. */
  async start(): Promise<void> {
    this.keep = this.ports.shared;
    const kept = await this.keep.read().catch(() => undefined);
    this.email.value = kept?.email ?? '';
    if (!kept) {
      this.phase.value = 'out';
      return;
    }
    try {
      await this.token();
      this.phase.value = 'in';
    } catch (error) {
      // Whoever cannot be reached has not ended the session.
      const ended = error instanceof Failure && error.code === 'session-over';
      this.phase.value = ended ? 'out' : 'in';
    }
  }

  /** Logs in; with `stay`, in all tabs and until logged out. */
  async logIn(email: string, password: string, stay: boolean): Promise<void> {
    const tokens = await this.ports.logIn(email, password);
    const kept = { refreshToken: tokens.refresh_token, email };
    this.keep = stay && (await wrote(this.ports.shared, kept)) ? this.ports.shared : new Memory();
    if (this.keep !== this.ports.shared) await this.keep.write(kept);
    this.hold(tokens);
    this.email.value = email;
    this.phase.value = 'in';
    if (this.keep === this.ports.shared) this.ports.announce(email);
  }

  /**
   * Forgets the session, and has the service end it.
   *
   * @throws {Failure} where the service could not be told; it is forgotten here nonetheless
   */
  async logOut(): Promise<void> {
    const { keep } = this;
    try {
      // Under the lock, lest a renewal that is under way brings it back.
      await this.ports.lock(async () => {
        const kept = await keep.read();
        await keep.clear();
        if (kept) await this.ports.revoke(kept.refreshToken);
      });
    } finally {
      this.leave();
      if (keep === this.ports.shared) this.ports.announce(undefined);
    }
  }

  /** Stands at the door again, as after another tab's logging out. */
  leave(): void {
    this.access = undefined;
    this.phase.value = 'out';
  }

  /** Hears that another tab has `email` logged in now, or nobody. Tells whether this page may go on as it is. */
  heard(email: string | undefined): boolean {
    if (this.keep !== this.ports.shared) return true;
    if (email === undefined) this.leave();
    else if (this.phase.value === 'out' || email === this.email.value) void this.start();
    // What another person has is not to be mixed with what stands here.
    else return false;
    return true;
  }

  /** An access token that is good for a while. */
  async token(): Promise<string> {
    if (this.access && this.access.until > this.ports.now()) return this.access.token;
    this.renewal ??= this.renew().finally(() => {
      this.renewal = undefined;
    });
    return this.renewal;
  }

  /** Another access token than `spent`, which was refused. */
  async renewed(spent: string): Promise<string> {
    if (this.access?.token === spent) this.access = undefined;
    return this.token();
  }

  private async renew(): Promise<string> {
    const { keep, ports } = this;
    try {
      return this.hold(
        await (keep === ports.shared ? ports.renewShared() : renew(keep, ports.exchange, ports.lock)),
      );
    } catch (error) {
      const ended = error instanceof Failure && error.code === 'session-over';
      if (ended && this.phase.value === 'in') this.phase.value = 'over';
      throw error;
    }
  }

  private hold(tokens: TokenResponse): string {
    this.access = { token: tokens.access_token, until: this.ports.now() + tokens.expires_in * 1000 - MARGIN };
    return tokens.access_token;
  }
}

/** Whether `keep` has taken it; a browser may have no storage for this page. */
function wrote(keep: Keep, kept: Kept): Promise<boolean> {
  return keep.write(kept).then(
    () => true,
    () => false,
  );
}
