/** Keeps unsent messages in this browser's IndexedDB, whose tabs share it; also on plain http. */

const DATABASE = "abdre";
const ENTRIES = "outbox";
// Safari has been seen to answer never: then this page does without.
const OPENING_TIMEOUT_MS = 4_000;

/** Every deed rejects where the browser keeps nothing: private windows, a full disk, a person who forbade it. */
export class OutboxStore {
  /** @type {Promise<IDBDatabase> | undefined} */
  #opened;

  /** @returns {Promise<OutboxEntry[]>} everybody's, in no order */
  all() {
    return this.#ask("readonly", (entries) => entries.getAll());
  }

  /** @param {OutboxEntry} entry instead of the one with its client id */
  put(entry) {
    return this.#ask("readwrite", (entries) => entries.put(entry));
  }

  /** @param {string} clientId */
  remove(clientId) {
    return this.#ask("readwrite", (entries) => entries.delete(clientId));
  }

  clear() {
    return this.#ask("readwrite", (entries) => entries.clear());
  }

  /**
   * Requests of one page are done in the order in which they were made.
   *
   * @template T
   * @param {IDBTransactionMode} mode
   * @param {(entries: IDBObjectStore) => IDBRequest<T>} deed
   * @returns {Promise<T>} when it is done for good
   */
  async #ask(mode, deed) {
    const database = await this.#database();
    const transaction = database.transaction(ENTRIES, mode);
    const request = deed(transaction.objectStore(ENTRIES));
    // Without this the browser waits for the page to hear of it, and a page that is being left hears nothing more.
    transaction.commit?.();
    await finished(transaction);
    return request.result;
  }

  #database() {
    this.#opened ??= opened(() => (this.#opened = undefined));
    return this.#opened;
  }
}

/**
 * @param {() => void} onEnd the browser has closed it: the next one who asks has to open it anew
 * @returns {Promise<IDBDatabase>}
 */
async function opened(onEnd) {
  const request = indexedDB.open(DATABASE, 1);
  request.onupgradeneeded = () => request.result.createObjectStore(ENTRIES, { keyPath: "client_id" });
  const database = await inTime(answered(request));
  database.onclose = onEnd;
  // A page of tomorrow's release must not wait for this one.
  database.onversionchange = () => [database.close(), onEnd()];
  return database;
}

/**
 * @param {IDBOpenDBRequest} request
 * @returns {Promise<IDBDatabase>}
 */
function answered(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

/**
 * @param {IDBTransaction} transaction
 * @returns {Promise<void>}
 */
function finished(transaction) {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error);
  });
}

/**
 * @template T
 * @param {Promise<T>} promise
 * @returns {Promise<T>}
 */
function inTime(promise) {
  const tooLate = new Promise((_, reject) => setTimeout(() => reject(new Error("timeout")), OPENING_TIMEOUT_MS));
  return Promise.race([promise, tooLate]);
}
