import { session } from '../session';
import { Login } from './login';
import { Modal } from './modal';

/** Asks for the password again over the page, where a session has ended by itself: nothing that was written is lost. */
export function Over() {
  const email = session.email.value;
  return (
    <Modal labelledby="over-heading" class="narrow" onCancel={() => {}}>
      <h2 id="over-heading">Your session has ended</h2>
      <p>Log in again to go on where you were.</p>
      <Login
        isNew={false}
        email={email}
        submit={(address, password, stay) => session.logIn(address, password, stay)}
      />
      <p class="switch">
        Not you?{' '}
        <button type="button" class="link" onClick={() => session.leave()}>
          Leave this page
        </button>
      </p>
    </Modal>
  );
}
