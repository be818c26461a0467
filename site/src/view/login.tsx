import { useRef, useState } from 'preact/hooks';
import { words, wordsOf } from '../problems';
import { Alert, described, Field } from './field';

interface Props {
  isNew: boolean;
  /** Whose session it is, where that is settled. */
  email?: string;
  submit: (email: string, password: string, stay: boolean) => Promise<void>;
}

/** The form that asks for an address and a password. */
export function Login({ isNew, email, submit }: Props) {
  const form = useRef<HTMLFormElement>(null);
  const [error, setError] = useState<unknown>(undefined);
  const [missing, setMissing] = useState<{ email?: string; password?: string }>({});
  const [busy, setBusy] = useState(false);
  const [shown, setShown] = useState(false);
  const wrongEmail = missing.email ?? wordsOf(error, 'email');
  const wrongPassword = missing.password ?? wordsOf(error, 'password');

  async function send(event: Event) {
    event.preventDefault();
    if (busy || !form.current) return;
    const data = new FormData(form.current);
    const address = String(data.get('email') ?? '');
    const password = String(data.get('password') ?? '');
    const gaps = {
      ...(address === '' ? { email: 'Your e-mail address is needed.' } : {}),
      ...(password === '' ? { password: 'A password is needed.' } : {}),
    };
    setMissing(gaps);
    setError(undefined);
    if (Object.keys(gaps).length === 0) {
      setBusy(true);
      try {
        await submit(address, password, data.has('stay'));
        return;
      } catch (failure) {
        setError(failure);
      } finally {
        setBusy(false);
      }
    }
    requestAnimationFrame(() => form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus());
  }

  return (
    <form ref={form} method="post" class="login" noValidate onSubmit={send} aria-busy={busy}>
      {error !== undefined && <Alert>{words(error)}</Alert>}
      <Field id="email" label="E-mail address" error={wrongEmail}>
        <input
          {...described('email', { error: wrongEmail })}
          name="email"
          type="email"
          autocomplete="username"
          required
          readOnly={email !== undefined}
          defaultValue={email ?? ''}
        />
      </Field>
      <Field
        id="password"
        label="Password"
        error={wrongPassword}
        {...(isNew ? { hint: 'At least 12 characters. A short sentence is easy to remember.' } : {})}
      >
        <div class="reveal">
          <input
            {...described('password', { hint: isNew, error: wrongPassword })}
            name="password"
            {...typeOf(shown)}
            autocomplete={isNew ? 'new-password' : 'current-password'}
            required
            autofocus={email !== undefined}
          />
          <button
            type="button"
            class="link"
            aria-pressed={shown}
            aria-label="Show the password"
            onClick={() => setShown(!shown)}
          >
            {shown ? 'Hide' : 'Show'}
          </button>
        </div>
      </Field>
      <label class="check">
        <input type="checkbox" name="stay" defaultChecked />
        <span>Stay logged in on this device</span>
      </label>
      <button type="submit" class="primary" aria-disabled={busy}>
        {busy ? 'One moment…' : isNew ? 'Create account' : 'Log in'}
      </button>
    </form>
  );
}

/** One element whose type changes, so that what is typed stays; the types of the elements know no such thing. */
function typeOf(shown: boolean): { type: 'password' } {
  return { type: shown ? 'text' : 'password' } as { type: 'password' };
}
