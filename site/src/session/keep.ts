/** What a session is gone on with: its refresh token, and whose it is. */
export interface Kept {
  refreshToken: string;
  email: string;
}

/** Where that is kept. */
export interface Keep {
  read(): Promise<Kept | undefined>;
  write(kept: Kept): Promise<void>;
  clear(): Promise<void>;
}

/** In one page's memory: a reload ends it. */
export class Memory implements Keep {
  private kept: Kept | undefined;

  async read(): Promise<Kept | undefined> {
    return this.kept;
  }

  async write(kept: Kept): Promise<void> {
    this.kept = kept;
  }

  async clear(): Promise<void> {
    this.kept = undefined;
  }
}

/**
 * With the browser, for all its tabs and their service worker.
 *
 * In IndexedDB, since a tab may see what another wrote to `localStorage` only some time later, and a refresh token that
 * is used twice ends its session.
 */
export class Database implements Keep {
  private opened: Promise<IDBDatabase> | undefined;

  async read(): Promise<Kept | undefined> {
    const value = await this.run('readonly', (store) => store.get(KEY));
    return isKept(value) ? value : undefined;
  }

  async write(kept: Kept): Promise<void> {
    await this.run('readwrite', (store) => store.put(kept, KEY));
  }

  async clear(): Promise<void> {
    await this.run('readwrite', (store) => store.delete(KEY));
  }

  private async run(mode: IDBTransactionMode, act: (store: IDBObjectStore) => IDBRequest): Promise<unknown> {
    this.opened ??= open();
    const transaction = (await this.opened).transaction(STORE, mode, { durability: 'strict' });
    const request = act(transaction.objectStore(STORE));
    await new Promise<void>((resolve, reject) => {
      transaction.oncomplete = () => resolve();
      transaction.onabort = () => reject(transaction.error);
    });
    return request.result;
  }
}

const STORE = 'session';
const KEY = 'kept';

function open(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open('memo', 1);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE);
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

function isKept(value: unknown): value is Kept {
  return (
    typeof value === 'object' &&
    value !== null &&
    typeof Reflect.get(value, 'refreshToken') === 'string' &&
    typeof Reflect.get(value, 'email') === 'string'
  );
}
