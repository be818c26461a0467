import type { OAuthError, ProblemCode } from './api';
import { Failure } from './failure';

/** A code of the API's problem details, of its errors below `/oauth`, or of this page. */
type Known = ProblemCode | OAuthError['error'] | 'offline' | 'session-over';

const MISTAKE = 'The page has made a mistake. Reload it and try again.';
const FAULT = 'Something went wrong on our side. Nothing you wrote is lost; try again in a moment.';
const BUSY = 'The service is busy. Try again in a moment.';

const WORDS: Record<Known, string | ((failure: Failure) => string)> = {
  'account-deleted': 'This account has been deleted.',
  'body-too-large': 'This is too long to be saved. Shorten it and try again.',
  'email-taken': 'There is an account with this e-mail address already. Log in instead?',
  'idempotency-conflict': 'This is being saved already. Wait a moment and try again.',
  'idempotency-key-reused': 'This was saved before with another text. Reload the page to see it.',
  'insufficient-scope': 'This login may not do that. Log out and in again.',
  invalid_grant: 'Your session has ended. Log in again.',
  invalid_request: MISTAKE,
  invalid_scope: 'This login may not do that. Log out and in again.',
  invalid_token: 'You are not logged in any more. Log in again.',
  internal: FAULT,
  'invalid-body': 'Some of this is not right yet.',
  'invalid-credentials': 'The e-mail address or the password is wrong.',
  'invalid-idempotency-key': MISTAKE,
  'invalid-query': 'This cannot be searched for. Try other words.',
  'invalid-token': 'You are not logged in any more. Log in again.',
  'not-deleted': 'This memo is not deleted.',
  'not-found': 'This is not there any more.',
  offline: 'The service cannot be reached. Nothing you wrote is lost; check your connection and try again.',
  'precondition-failed': 'Somebody has changed this in the meantime.',
  'quota-exceeded':
    'There is no room for more: 10,000 memos and 1,000 different tags are the limit. Delete some first.',
  refused: 'The service has refused this.',
  'repeated-header': MISTAKE,
  'session-over': 'Your session has ended. Log in again.',
  'too-many-attempts': (failure) => `Too many attempts. ${later(failure)}`,
  'too-many-requests': (failure) => `Too many people are here right now. ${later(failure)}`,
  server_error: FAULT,
  temporarily_unavailable: BUSY,
  unavailable: BUSY,
  unsupported_grant_type: MISTAKE,
  'unreadable-body': MISTAKE,
  'unsupported-media-type': MISTAKE,
  'wrong-password': 'The password is wrong.',
};

/** What to tell a person of `error`. Of a code that is not known, the service's own words. */
export function words(error: unknown): string {
  if (!(error instanceof Failure)) return 'Something went wrong on this page. Reload it and try again.';
  const known = Object.hasOwn(WORDS, error.code) ? WORDS[error.code as Known] : undefined;
  if (typeof known === 'function') return known(error);
  if (known !== undefined) return known;
  return error.detail || error.title || `The service has answered something unexpected (${error.status}).`;
}

/** What is wrong with the member `name` of what was sent, or of something in it. */
export function wordsOf(error: unknown, name: string): string | undefined {
  if (!(error instanceof Failure)) return undefined;
  const details = error.members
    .filter(({ pointer }) => pointer === `#/${name}` || pointer.startsWith(`#/${name}/`))
    .map(({ detail }) => detail);
  if (details.length === 0) return undefined;
  const text = [...new Set(details)].join('; ');
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

function later({ retryAfter }: Failure): string {
  if (retryAfter === undefined) return 'Try again in a moment.';
  if (retryAfter < 90) return `Try again in ${retryAfter} ${retryAfter === 1 ? 'second' : 'seconds'}.`;
  return `Try again in ${Math.ceil(retryAfter / 60)} minutes.`;
}
