/** What the controllers of one page share: one connection, one feed, one person. */

import { Connection } from "./connection.js";
import { Feed } from "./feed.js";
import { Kept } from "./kept.js";
import { socketUrl } from "./protocol.js";

export class Page {
  /** The signed-in person's id; empty for a stranger, for whom nothing live exists. */
  me = document.body.dataset.user ?? "";
  connection = new Connection({ url: socketUrl(location) });
  feed = new Feed(this.connection);
  kept = new Kept(this.me);

  /**
   * Hear news of one kind.
   *
   * @param {string} type
   * @param {(item: WireItem) => void} deed
   */
  on(type, deed) {
    this.connection.addEventListener("item", (event) => {
      const item = /** @type {CustomEvent<WireItem>} */ (event).detail;
      if (item.type === type) deed(item);
    });
  }

  /** Keep the connection as long as the page is in use, and bring it back as soon as the network is. */
  connect() {
    const wake = () => this.connection.wake();
    window.addEventListener("online", wake);
    // The browser says so before the socket notices: ask it.
    window.addEventListener("offline", wake);
    window.addEventListener("pageshow", wake);
    // A page with an open socket cannot be kept for the back button.
    window.addEventListener("pagehide", () => this.connection.rest());
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && wake());
    wake();
  }
}
