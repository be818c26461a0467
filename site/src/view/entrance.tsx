import { useEffect, useRef, useState } from 'preact/hooks';
import { register, session } from '../session';
import { Login } from './login';

/** What stands before the memos: logging in, and making an account. */
export function Entrance() {
  const [isNew, setNew] = useState(false);
  const heading = useRef<HTMLHeadingElement>(null);
  const touched = useRef(false);
  useEffect(() => {
    document.title = isNew ? 'Create an account · Memo' : 'Log in · Memo';
    if (touched.current) heading.current?.focus();
    touched.current = true;
  }, [isNew]);
  return (
    <main class="entrance">
      <div class="card sheet">
        <p class="brand">Memo</p>
        <h1 ref={heading} tabIndex={-1}>
          {isNew ? 'Create an account' : 'Log in'}
        </h1>
        <Login
          key={String(isNew)}
          isNew={isNew}
          submit={isNew ? register : (email, password, stay) => session.logIn(email, password, stay)}
        />
        <p class="switch">
          {isNew ? 'You have an account?' : 'No account yet?'}{' '}
          <button type="button" class="link" onClick={() => setNew(!isNew)}>
            {isNew ? 'Log in' : 'Create an account'}
          </button>
        </p>
      </div>
    </main>
  );
}
