/** Loads earlier messages in place, when the link to them is pressed or scrolled into view. */

import { quietly } from "./announcements.js";
import { get } from "./api.js";

const PAGE = 50;

export class History {
  #link;
  #log;
  #chat;
  #store;
  #timeline;
  #scroll;
  #isLoading = false;

  /**
   * @param {{ link: HTMLAnchorElement | null, log: HTMLElement, chat: string,
   *   store: import("./timeline_store.js").TimelineStore, timeline: import("./timeline.js").Timeline,
   *   scroll: import("./scroll.js").ScrollKeeper }} options
   */
  constructor({ link, log, chat, store, timeline, scroll }) {
    this.#link = link;
    this.#log = log;
    this.#chat = chat;
    this.#store = store;
    this.#timeline = timeline;
    this.#scroll = scroll;
    link?.addEventListener("click", (event) => {
      event.preventDefault();
      this.#earlier();
    });
    if (link) new IntersectionObserver(([entry]) => entry.isIntersecting && this.#earlier()).observe(link);
  }

  /** Throw away what is shown and load the newest page: too much happened meanwhile for a resume. */
  async reload() {
    const page = await get(`/api/chats/${this.#chat}/messages?limit=${PAGE}`);
    quietly(this.#log, () => this.#timeline.load(page.items));
    this.#showLink(page.has_more);
    this.#scroll.toEnd();
  }

  async #earlier() {
    if (this.#isLoading) return;
    this.#isLoading = true;
    try {
      const page = await get(`/api/chats/${this.#chat}/messages?before=${this.#store.first}&limit=${PAGE}`);
      quietly(this.#log, () => this.#scroll.during(() => this.#timeline.load(page.items)));
      this.#showLink(page.has_more);
    } catch {
      // The link stays where it is: pressing it again is the way on.
    } finally {
      this.#isLoading = false;
    }
  }

  /** @param {boolean} hasMore */
  #showLink(hasMore) {
    if (this.#link) this.#link.hidden = !hasMore;
  }
}
