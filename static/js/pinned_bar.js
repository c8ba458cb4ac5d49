/** Shows the message that was pinned last, in the bar over the others. */

import { get } from "./api.js";
import { said } from "./said.js";

export class PinnedBar {
  #bar;
  #newest;
  #chat;

  /** @param {HTMLElement} section */
  constructor(section) {
    this.#chat = section.dataset.chat ?? "";
    this.#bar = /** @type {HTMLElement} */ (section.querySelector(".pinned-bar"));
    this.#newest = /** @type {HTMLAnchorElement} */ (this.#bar.querySelector(".pinned-bar__newest"));
  }

  /** @param {Message} message that was created or changed */
  changed(message) {
    const { seq, since = "" } = this.#newest.dataset;
    const isShown = Number(seq) === message.seq;
    if (message.pinned_at && (isShown || message.pinned_at > since)) this.#show(message);
    else if (isShown && !message.pinned_at) this.load();
  }

  /** What is gone for good is pinned no more. @param {number} below the first message that stays */
  forget(below) {
    const seq = Number(this.#newest.dataset.seq);
    if (seq && seq < below) this.load();
  }

  /** What is pinned beside the one that is no more, only the server knows. */
  async load() {
    const answer = await get(`/api/chats/${this.#chat}/pins`).catch(() => null);
    if (answer) this.#show(answer.items[0]);
  }

  /** @param {Message | undefined} message */
  #show(message) {
    this.#bar.hidden = message === undefined;
    this.#newest.dataset.seq = String(message?.seq ?? 0);
    this.#newest.dataset.since = message?.pinned_at ?? "";
    if (!message) return;
    this.#newest.href = `/chats/${this.#chat}?at=${message.seq}`;
    const text = /** @type {HTMLElement} */ (this.#newest.querySelector(".pinned-bar__text"));
    text.textContent = `${message.sender.display_name}: ${said(message)}`;
  }
}
