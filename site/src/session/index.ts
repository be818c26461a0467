import { answer } from '../answer';
import { createSession, refreshTokens, registerUser, revokeToken } from '../api';
import { client } from '../api/client.gen';
import { transport } from '../transport';
import { Database } from './keep';
import * as postman from './postman';
import { browserLock, type Exchange, renew } from './renewal';
import { Session } from './session';

const exchange: Exchange = async (refreshToken) =>
  (await answer(refreshTokens({ body: { grant_type: 'refresh_token', refresh_token: refreshToken } }))).data;

const shared = new Database();
const tabs = new BroadcastChannel('memo.session');

/** The one session of this page. */
export const session = new Session({
  logIn: async (email, password) => (await answer(createSession({ body: { email, password } }))).data,
  exchange,
  revoke: async (refreshToken) => {
    await answer(revokeToken({ body: { token: refreshToken, token_type_hint: 'refresh_token' } }));
  },
  lock: browserLock,
  shared,
  renewShared: async () => {
    const worker = await postman.worker();
    return worker ? postman.ask(worker) : renew(shared, exchange, browserLock);
  },
  announce: (email) => tabs.postMessage({ email }),
  now: () => Date.now(),
});

tabs.onmessage = ({ data }: MessageEvent<{ email?: string }>) => {
  if (!session.heard(data.email)) location.reload();
};
client.setConfig({
  auth: () => session.token(),
  fetch: transport(session),
  cache: 'no-store',
  credentials: 'omit',
});
void postman.register();

/** Makes an account, and logs in. */
export async function register(email: string, password: string, stay: boolean): Promise<void> {
  await answer(registerUser({ body: { email, password } }));
  await session.logIn(email, password, stay);
}
