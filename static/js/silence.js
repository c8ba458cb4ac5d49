/** Takes the composer away while moderators keep the reader from writing, and brings it back by itself. */

import { get } from "./api.js";
import { isAhead, showWhoWrites } from "./who_writes.js";

// A silence of days is looked at now and then: no timer of a browser's lasts as long, nor through its sleep.
const LOOK_EVERY_MS = 60_000;

/** @param {import("./page.js").Page} page */
export function watchSilence(page) {
  const section = /** @type {HTMLElement | null} */ (document.querySelector(".chat[data-chat]"));
  if (!section) return;
  const chat = section.dataset.chat ?? "";
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;

  function show() {
    clearTimeout(timer);
    showWhoWrites(/** @type {HTMLElement} */ (section));
    const until = section?.dataset.silencedUntil ?? "";
    if (isAhead(until)) timer = setTimeout(show, Math.min(Date.parse(until) - Date.now() + 50, LOOK_EVERY_MS));
  }

  async function ask() {
    try {
      const { silenced_until } = await get(`/api/chats/${chat}`);
      /** @type {HTMLElement} */ (section).dataset.silencedUntil = silenced_until ?? "";
      show();
    } catch {
      // Who writes is refused, and told why.
    }
  }

  // In this chat or everywhere: what holds is said by the chat.
  page.on("silence.changed", (item) => {
    if (item.chat === null || item.chat === chat) ask();
  });
  // What was told while the page was away is told to nobody again.
  let isBack = false;
  page.on("hello", () => {
    if (isBack) setTimeout(ask, page.connection.calmMs);
    isBack = true;
  });
  show();
}
