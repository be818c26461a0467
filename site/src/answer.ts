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
  const { data, error, response } = await call.catch((cause: unknown) => {
    throw reasonOf(cause);
  });
  const answered: Response | undefined = response;
  if (!answered) throw reasonOf(error);
  if (!answered.ok) throw Failure.of(answered, error);
  return { data: data as Exclude<R['data'], undefined>, etag: answered.headers.get('ETag') };
}

/** Why no answer came, or not the whole of it: what `fetch` throws then is a `TypeError` that tells nothing more. */
function reasonOf(cause: unknown): unknown {
  if (cause instanceof Failure) return cause;
  if (cause instanceof DOMException && cause.name === 'AbortError') return cause;
  return Failure.offline();
}
