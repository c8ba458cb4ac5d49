/** Shows what the outbox holds for the open chat, as it comes, goes through and is refused, in whichever tab. */

import { say } from "./strings.js";

// What is sent within a moment needs no keeping, and no word about it.
const PATIENCE_MS = 1_000;

export class UnsentMessages {
  /** @type {string} */
  #chat;
  /** @type {ChatParts} */
  #parts;
  #outbox;
  #notice;
  #isPast;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #planned;

  /**
   * @param {HTMLElement} section
   * @param {ChatParts} parts
   * @param {import("./page.js").Page} page
   */
  constructor(section, parts, { outbox }) {
    this.#chat = section.dataset.chat ?? "";
    this.#parts = parts;
    this.#outbox = outbox;
    this.#notice = /** @type {HTMLElement} */ (section.querySelector(".chat__notice"));
    // Where the page shows a piece of the past, what is written now does not belong to its end.
    this.#isPast = section.querySelector(".timeline__later") !== null;
    for (const entry of outbox.entries(this.#chat)) if (this.#isOurs(entry)) this.#show(entry);
    this.#listen("changed", ({ entry }) => this.#show(entry));
    this.#listen("gone", ({ entry, seq }) => this.#gone(entry, seq));
    outbox.addEventListener("kept", () => this.#planNotice());
  }

  /**
   * @param {"changed" | "gone"} type
   * @param {(detail: { entry: OutboxEntry, seq?: number }) => void} deed
   */
  #listen(type, deed) {
    this.#outbox.addEventListener(type, (event) => {
      const { detail } = /** @type {CustomEvent} */ (event);
      if (this.#isOurs(detail.entry)) this.#parts.scroll.during(() => deed(detail));
    });
  }

  /** A chat shows all that is written there; a thread its own. @param {OutboxEntry} entry */
  #isOurs({ chat, thread }) {
    return chat === this.#chat && (!this.#parts.thread || thread === this.#parts.thread);
  }

  /** @param {OutboxEntry} entry one that went through before a reload stands there already */
  #show(entry) {
    const stored = this.#parts.store.sentAs(entry.person, entry.client_id);
    if (stored) this.#outbox.settle(entry.client_id, stored.seq);
    else if (!this.#isPast) this.#parts.timeline.pending.show(entry);
  }

  /**
   * @param {OutboxEntry} entry
   * @param {number} [seq]
   */
  #gone({ client_id }, seq) {
    const { pending } = this.#parts.timeline;
    if (seq === undefined) pending.discard(client_id);
    else pending.acknowledge(client_id, seq);
  }

  #planNotice() {
    clearTimeout(this.#planned);
    this.#planned = setTimeout(() => this.#showNotice(), PATIENCE_MS);
  }

  #showNotice() {
    const isNeeded = this.#outbox.unkept.size > 0;
    this.#notice.textContent = isNeeded ? say("outbox.unkept") : "";
    this.#notice.hidden = !isNeeded;
  }
}
