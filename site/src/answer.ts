import { Failure } from './failure';

/** What a function of the generated client resolves to. */
interface Outcome {
  data: unknown;
  error: unknown;
  /** Undefined where no answer came, whatever the generated type says. */
  response: Response;
}

export interface Answer<T> {
  data: T;
  /** The entity tag of what was answered. */
  etag: string | null;
}

/**
 * Waits for a call of the generated client.
 *
 * @throws {Failure} for an error answer, and where none came
 * @throws {DOMException} `AbortError` where the caller has aborted it
 */
export async function answer<R extends Outcome>(
  call: Promise<R>,
): Promise<Answer<Exclude<R['data'], undefined>>> {
  const { data, error, response } = await call;
  const answered: Response | undefined = response;
  if (!answered) {
    if (error instanceof Failure) throw error;
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw Failure.offline();
  }
  if (!answered.ok) throw Failure.of(answered, error);
  return { data: data as Exclude<R['data'], undefined>, etag: answered.headers.get('ETag') };
}
