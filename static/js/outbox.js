/** Holds what was written and not yet acknowledged, in order, through reloads and lost connections. */

export class Outbox {
  /** @type {Map<string, OutboxEntry>} */
  #entries = new Map();
  #kept;
  #prefix;

  /**
   * @param {string} chat
   * @param {Pick<import("./kept.js").Kept, "get" | "set" | "names">} kept
   */
  constructor(chat, kept) {
    this.#kept = kept;
    this.#prefix = `outbox.${chat}.`;
    this.#restore();
  }

  /** In the order in which they were written. */
  entries() {
    return [...this.#entries.values()];
  }

  /** The next one to send; those refused wait for their author. */
  next() {
    return this.entries().find((entry) => entry.refusal === undefined);
  }

  /** @param {string} clientId */
  get(clientId) {
    return this.#entries.get(clientId);
  }

  /** @param {OutboxEntry} entry */
  add(entry) {
    this.#keep(entry);
  }

  /**
   * It is stored on the server, or its author gave it up.
   *
   * @param {string} clientId
   */
  remove(clientId) {
    this.#entries.delete(clientId);
    this.#kept.set(this.#prefix + clientId, "");
  }

  /**
   * @param {string} clientId
   * @param {string} refusal why, in words for the person
   */
  refuse(clientId, refusal) {
    const entry = this.#entries.get(clientId);
    if (entry) this.#keep({ ...entry, refusal });
  }

  /**
   * Send it again, under the same id: should the refusal have been a mistake, it is still stored once.
   *
   * @param {string} clientId
   */
  retry(clientId) {
    const entry = this.#entries.get(clientId);
    if (entry) this.#keep({ ...entry, refusal: undefined });
  }

  /** @param {OutboxEntry} entry */
  #keep(entry) {
    this.#entries.set(entry.client_id, entry);
    // One key for each: two tabs of the same chat must not overwrite each other's.
    this.#kept.set(this.#prefix + entry.client_id, JSON.stringify(entry));
  }

  #restore() {
    const texts = this.#kept.names(this.#prefix).map((name) => this.#kept.get(name));
    const entries = texts.map(parse).filter((entry) => entry !== null);
    entries.sort((one, other) => one.created_at.localeCompare(other.created_at));
    for (const entry of entries) this.#entries.set(entry.client_id, entry);
  }
}

/**
 * @param {string | null} text
 * @returns {OutboxEntry | null}
 */
function parse(text) {
  try {
    return JSON.parse(text ?? "null");
  } catch {
    return null;
  }
}
