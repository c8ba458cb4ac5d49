/** Keeps the number of unread messages in the page's title. */

import { unreadOf } from "./chat_entry.js";
import { counted } from "./title.js";

const COUNT_MS = 600;

export class TitleCount {
  #title = document.title;
  #entries;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #recount;

  /** @param {() => import("./chat_entry.js").ChatEntry[]} entries */
  constructor(entries) {
    this.#entries = entries;
  }

  /** What is being seen is read a moment after it came: the title does not flicker for it. */
  soon() {
    this.#recount ??= setTimeout(() => this.show(), COUNT_MS);
  }

  show() {
    this.#recount = undefined;
    const title = counted(this.#title, this.#entries().reduce((sum, entry) => sum + unreadOf(entry), 0));
    if (document.title !== title) document.title = title;
  }
}
