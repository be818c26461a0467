import type { InvalidMember } from './api';

/** What came in place of what was asked for: an error answer of the API, or no answer. */
export class Failure extends Error {
  /** 0 where no answer came. */
  readonly status: number;
  /** The case, as problem details or RFC 6749 name it; `offline`, `session-over` and `unreadable` are this page's. */
  readonly code: string;
  readonly title: string;
  readonly detail: string;
  /** The invalid members of what was sent. */
  readonly members: readonly InvalidMember[];
  /** Seconds after which the next attempt is heard. */
  readonly retryAfter: number | undefined;

  constructor(of: {
    status: number;
    code: string;
    title?: string;
    detail?: string;
    members?: readonly InvalidMember[];
    retryAfter?: number | undefined;
  }) {
    super(`${of.status} ${of.code}`);
    this.status = of.status;
    this.code = of.code;
    this.title = of.title ?? '';
    this.detail = of.detail ?? '';
    this.members = of.members ?? [];
    this.retryAfter = of.retryAfter;
  }

  static offline(): Failure {
    return new Failure({ status: 0, code: 'offline' });
  }

  static sessionOver(): Failure {
    return new Failure({ status: 401, code: 'session-over' });
  }

  /** Reads the body of an error answer: problem details (RFC 9457), or those of RFC 6749 section 5.2. */
  static of(response: Response, body: unknown): Failure {
    const seconds = Number(response.headers.get('Retry-After') ?? Number.NaN);
    const retryAfter = Number.isFinite(seconds) && seconds >= 0 ? seconds : undefined;
    const text = (name: string) => {
      const value = typeof body === 'object' && body !== null ? Reflect.get(body, name) : undefined;
      return typeof value === 'string' ? value : '';
    };
    const errors: unknown =
      typeof body === 'object' && body !== null ? Reflect.get(body, 'errors') : undefined;
    return new Failure({
      status: response.status,
      code: text('code') || text('error') || 'unreadable',
      title: text('title'),
      detail: text('detail') || text('error_description'),
      members: Array.isArray(errors) ? errors.filter(isMember) : [],
      retryAfter,
    });
  }
}

function isMember(value: unknown): value is InvalidMember {
  return (
    typeof value === 'object' &&
    value !== null &&
    typeof Reflect.get(value, 'pointer') === 'string' &&
    typeof Reflect.get(value, 'detail') === 'string'
  );
}
