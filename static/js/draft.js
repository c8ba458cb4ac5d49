/** Keeps what is begun in one chat: here at once, and on the server after a pause, for the person's other devices. */

import { put, remove } from "./api.js";

const PAUSE_MS = 1_500;
// Whoever pressed a key so lately is writing: nothing from elsewhere comes between.
const WRITING_MS = 5_000;

/** @typedef {{ body: string, reply_to: number | null }} Begun */

/** Dispatches `elsewhere` when another device has written, and this one has not. */
export class Draft extends EventTarget {
  #path;
  #name;
  #kept;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  /** @type {Promise<void> | null} */
  #saving = null;
  #writtenAt = -Infinity;

  /**
   * @param {string} chat
   * @param {import("./kept.js").Kept} kept
   * @param {Begun | null} known what the server has
   */
  constructor(chat, kept, known) {
    super();
    this.#path = `/api/chats/${chat}/draft`;
    this.#name = `draft.${chat}`;
    this.#kept = kept;
    // What this device could not say yet is newer than what the server knows.
    if (isUnsaved(kept, chat)) this.#later();
    else this.#keep(known?.body ?? "", known?.reply_to ?? null, "saved");
    window.addEventListener("pagehide", () => this.#timer && this.#save({ keepalive: true }));
  }

  load() {
    return this.#kept.get(this.#name) ?? "";
  }

  get replyTo() {
    return Number(this.#kept.get(`${this.#name}.reply`)) || null;
  }

  /**
   * @param {string} body
   * @param {number | null} replyTo
   */
  save(body, replyTo = null) {
    this.#writtenAt = performance.now();
    this.#keep(body, replyTo, "unsaved");
    this.#later();
  }

  /** @param {Begun | null} begun as the server tells all devices, the one that wrote it too */
  heard(begun) {
    const body = begun?.body ?? "";
    const isWriting = this.#timer || this.#saving || performance.now() - this.#writtenAt < WRITING_MS;
    if (isWriting || body === this.load()) return;
    this.#keep(body, begun?.reply_to ?? null, "saved");
    this.dispatchEvent(new Event("elsewhere"));
  }

  #later() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#save(), PAUSE_MS);
  }

  /** One after the other, or an older text could arrive last. @param {RequestInit} [options] */
  async #save(options) {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    await this.#saving;
    this.#saving = this.#ask(options).finally(() => (this.#saving = null));
  }

  /** @param {RequestInit} [options] */
  async #ask(options) {
    const body = this.load();
    try {
      if (body.trim()) await put(this.#path, { body, reply_to: this.replyTo }, options);
      else await remove(this.#path, options);
      if (body === this.load()) this.#kept.set(`${this.#name}.state`, "saved");
    } catch {
      // It stands here, marked as unsaved: the next key, or the next page, says it again.
    }
  }

  /**
   * @param {string} body
   * @param {number | null} replyTo
   * @param {"saved" | "unsaved"} state
   */
  #keep(body, replyTo, state) {
    this.#kept.set(this.#name, body);
    this.#kept.set(`${this.#name}.reply`, replyTo ? String(replyTo) : "");
    this.#kept.set(`${this.#name}.state`, state);
  }
}

/**
 * Whether this device has begun, or sent, something in the chat that the server has not heard of.
 *
 * @param {import("./kept.js").Kept} kept
 * @param {string} chat
 */
export function isUnsaved(kept, chat) {
  const state = kept.get(`draft.${chat}.state`);
  return state === "unsaved" || (state === null && Boolean(kept.get(`draft.${chat}`)));
}

/**
 * The draft that the server rendered.
 *
 * @param {HTMLElement} section
 */
export function renderedDraft(section) {
  const form = /** @type {HTMLFormElement | null} */ (section.querySelector(".composer"));
  const { draft, draftReplyTo } = form?.dataset ?? {};
  return draft ? { body: draft, reply_to: Number(draftReplyTo) || null } : null;
}
