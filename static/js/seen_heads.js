/** Remembers the heads that the server greeted with, to know what a list has missed while the page was away. */

import { isStale } from "./chat_entry.js";

// For so long the page's own list is as good as asking again.
const FRESH_MS = 10_000;

export class SeenHeads {
  /** As the server said them last. @type {Record<string, number> | undefined} */
  #heads;

  /**
   * @param {import("./chat_entry.js").ChatEntry[]} entries
   * @param {Record<string, number>} heads of the greeting
   */
  haveMoved(entries, heads) {
    const known = this.#heads ?? (performance.now() < FRESH_MS ? heads : {});
    this.#heads = heads;
    return isStale(entries, heads, known);
  }
}
