/** Says, on any page, what somebody wanted to be reminded of, and what could not be sent at its time. */

import { say } from "./strings.js";

/** @param {import("./page.js").Page} page */
export function watchDue(page) {
  page.on("reminder.due", ({ chat, seq, text }) => {
    show(say("reminder.due", { text }), `/chats/${chat}?at=${seq}`);
  });
  page.on("scheduled.failed", ({ chat }) => show(say("scheduled.failed"), `/chats/${chat}/scheduled`));
}

/**
 * It stays until it is looked at, or put away: nobody may have been looking.
 *
 * @param {string} sentence
 * @param {string} url
 * @returns {HTMLElement | undefined} what is shown
 */
export function show(sentence, url) {
  const template = /** @type {HTMLTemplateElement | null} */ (document.querySelector('[data-template="due"]'));
  if (!template) return undefined;
  const copy = document.importNode(/** @type {HTMLElement} */ (template.content.firstElementChild), true);
  const link = /** @type {HTMLAnchorElement} */ (copy.querySelector("a"));
  link.href = url;
  copy.querySelector("button")?.addEventListener("click", () => copy.remove());
  template.before(copy);
  // A screen reader reads what comes into a live region, not what was in it from the first.
  requestAnimationFrame(() => (link.textContent = sentence));
  return copy;
}
