/** Holds what a person wrote and the server has not acknowledged: in order, through reloads, on all tabs alike. */

/** @typedef {{ entry: OutboxEntry, seq?: number }} Gone with the number that it got, or given up by its author */
/** @typedef {{ changed?: OutboxEntry, gone?: Gone }} News what one tab tells the others */

/** Dispatches `changed` (detail: entry, isElsewhere), `gone` (detail: Gone) and `kept` when `.unkept` changes. */
export class Outbox extends EventTarget {
  /** @type {Map<string, OutboxEntry>} */
  #entries = new Map();
  /** What waits in this page only and is lost with it, by client id. @type {Set<string>} */
  unkept = new Set();
  #person;
  #store;
  #tabs;

  /**
   * @param {string} person who is signed in; what others left in this browser is removed, never sent or shown
   * @param {Pick<import("./outbox_store.js").OutboxStore, "all" | "put" | "remove" | "clear">} store
   * @param {Pick<BroadcastChannel, "postMessage" | "addEventListener"> | null} tabs this person's other ones
   */
  constructor(person, store, tabs) {
    super();
    this.#person = person;
    this.#store = store;
    this.#tabs = tabs;
    tabs?.addEventListener("message", (event) => this.#hear(/** @type {MessageEvent} */ (event).data));
  }

  /** Take over what is kept: from before a reload, or changed by other tabs while this page slept. */
  async refresh() {
    const before = new Map(this.#entries);
    const kept = await this.#store.all().catch(() => null);
    if (!kept) return;
    const own = kept.filter((entry) => entry.person === this.#person).sort(byTime);
    for (const entry of kept) if (!own.includes(entry)) this.#store.remove(entry.client_id).catch(() => undefined);
    const ids = new Set([...own.map((entry) => entry.client_id), ...this.unkept]);
    for (const [id, entry] of before) if (!ids.has(id) && this.get(id) === entry) this.#drop({ entry });
    // What we held before and hold no longer has gone out while we asked.
    for (const entry of own) if (!this.get(entry.client_id) && !before.has(entry.client_id)) this.#take(entry, false);
  }

  /** In the order in which they were written. @param {string} [chat] */
  entries(chat) {
    return [...this.#entries.values()].filter((entry) => !chat || entry.chat === chat).sort(byTime);
  }

  /** The chats in which something waits to be sent. */
  chats() {
    return new Set(this.entries().flatMap((entry) => (isToBeSent(entry) ? [entry.chat] : [])));
  }

  /** The next one to send; those refused wait for their author, those held for others. @param {string} chat */
  next(chat) {
    return this.entries(chat).find(isToBeSent);
  }

  /** @param {string} clientId */
  get(clientId) {
    return this.#entries.get(clientId);
  }

  /** @param {Pick<OutboxEntry, "client_id" | "chat" | "body" | "reply_to" | "attachments" | "thread">} written */
  add(written) {
    const last = this.entries().at(-1)?.created_at ?? 0;
    // A clock that is put back must not turn the order round.
    const created_at = new Date(Math.max(Date.now(), new Date(last).getTime() + 1)).toISOString();
    return this.#change({ ...written, person: this.#person, created_at });
  }

  /** The server has it. @param {string} clientId @param {number} seq */
  settle(clientId, seq) {
    this.#remove(clientId, seq);
  }

  /** The server keeps it back. @param {Omit<OutboxEntry, "person">} written @param {string} held its id there */
  hold(written, held) {
    const entry = this.get(written.client_id);
    if (entry?.held !== held) this.#change({ ...written, ...entry, person: this.#person, held });
  }

  /** Its author gives it up. @param {string} clientId */
  discard(clientId) {
    this.#remove(clientId);
  }

  /** @param {string} clientId @param {string} refusal why, in words for the person */
  refuse(clientId, refusal) {
    const entry = this.get(clientId);
    if (entry) this.#change({ ...entry, refusal });
  }

  /** Send it again, under the same id, so that it is stored once whatever happened. @param {string} clientId */
  retry(clientId) {
    const entry = this.get(clientId);
    if (entry) this.#change({ ...entry, refusal: undefined });
  }

  /** Leave nothing in a browser that others may use. */
  clear() {
    for (const entry of this.entries()) this.discard(entry.client_id);
    return this.#store.clear().catch(() => undefined);
  }

  /** @param {OutboxEntry} entry */
  #change(entry) {
    this.#take(entry, false);
    this.#tabs?.postMessage({ changed: entry });
    return this.#store.put(entry).catch(() => {
      if (!this.get(entry.client_id)) return;
      this.unkept.add(entry.client_id);
      this.dispatchEvent(new Event("kept"));
    });
  }

  /** @param {string} clientId @param {number} [seq] */
  #remove(clientId, seq) {
    const entry = this.get(clientId);
    if (!entry) return;
    this.#drop({ entry, seq });
    this.#tabs?.postMessage({ gone: { entry, seq } });
    this.#store.remove(clientId).catch(() => undefined);
  }

  /** @param {News} news */
  #hear({ changed, gone }) {
    if (changed) this.#take(changed, true);
    if (gone) this.#drop(gone);
  }

  /** @param {OutboxEntry} entry @param {boolean} isElsewhere written in another tab, which sends it if it can */
  #take(entry, isElsewhere) {
    this.#entries.set(entry.client_id, entry);
    this.dispatchEvent(new CustomEvent("changed", { detail: { entry, isElsewhere } }));
  }

  /** @param {Gone} gone */
  #drop(gone) {
    if (!this.#entries.delete(gone.entry.client_id)) return;
    if (this.unkept.delete(gone.entry.client_id)) this.dispatchEvent(new Event("kept"));
    this.dispatchEvent(new CustomEvent("gone", { detail: gone }));
  }
}

const isToBeSent = (/** @type {OutboxEntry} */ { refusal, held }) => refusal === undefined && held === undefined;

/** @param {OutboxEntry} one @param {OutboxEntry} other */
function byTime(one, other) {
  return one.created_at.localeCompare(other.created_at);
}
