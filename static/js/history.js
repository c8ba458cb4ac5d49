/** Loads earlier messages in place, when the link to them is pressed or scrolled into view. */

import { quietly } from "./announcements.js";
import { get } from "./api.js";

const PAGE = 50;

export class History {
  #link;
  #log;
  #path;
  #store;
  #timeline;
  #membershipLog;
  #scroll;
  #isLoading = false;

  /**
   * @param {{ link: HTMLAnchorElement | null, log: HTMLElement, path: string,
   *   store: import("./timeline_store.js").TimelineStore, timeline: import("./timeline.js").Timeline,
   *   membershipLog: import("./membership_log.js").MembershipLog | null,
   *   scroll: import("./scroll.js").ScrollKeeper }} options
   *   `path` is where the API lists them: the chat's, or a thread's, whose first message comes with every page
   */
  constructor({ link, log, path, store, timeline, membershipLog, scroll }) {
    this.#link = link;
    this.#log = log;
    this.#path = path;
    this.#store = store;
    this.#timeline = timeline;
    this.#membershipLog = membershipLog;
    this.#scroll = scroll;
    link?.addEventListener("click", (event) => {
      event.preventDefault();
      this.#earlier();
    });
    if (link) new IntersectionObserver(([entry]) => entry.isIntersecting && this.#earlier()).observe(link);
  }

  /** Throw away what is shown and load the newest page: too much happened meanwhile for a resume. */
  async reload() {
    const page = await get(`${this.#path}?limit=${PAGE}`);
    quietly(this.#log, () => {
      if (page.root) this.#timeline.receive(page.root);
      this.#load(page);
    });
    this.#showLink(page.has_more);
    this.#scroll.toEnd();
  }

  async #earlier() {
    if (this.#isLoading) return;
    this.#isLoading = true;
    try {
      const page = await get(`${this.#path}?before=${this.#store.first}&limit=${PAGE}`);
      quietly(this.#log, () => this.#scroll.during(() => this.#load(page)));
      this.#showLink(page.has_more);
    } catch {
      // The link stays where it is: pressing it again is the way on.
    } finally {
      this.#isLoading = false;
    }
  }

  /** @param {{ items: Message[], membership_log?: MembershipEntry[] }} page */
  #load({ items, membership_log = [] }) {
    this.#timeline.load(items);
    this.#membershipLog?.add(membership_log);
  }

  /** @param {boolean} hasMore */
  #showLink(hasMore) {
    if (this.#link) this.#link.hidden = !hasMore;
  }
}
