/** Says beside a message who wrote it, and folds away what somebody wrote whom the reader has blocked. */

import { isBlocked } from "./people.js";

/**
 * @param {HTMLElement} row
 * @param {Message} message
 */
export function showAuthor(row, { sender, kind }) {
  const name = /** @type {HTMLElement | null} */ (row.querySelector(".message__sender"));
  if (name) {
    name.textContent = sender.display_name;
    name.dataset.name = sender.id;
  }
  showBadge(row, ".message__badge", sender.is_guest);
  showBadge(row, ".message__bot", sender.is_bot === true);
  row.querySelector(".message__from")?.setAttribute("href", `/people/${sender.id}`);
  row.querySelector(".message__blocked a")?.setAttribute("href", `#${row.id}`);
  row.classList.toggle("message--blocked", kind !== "system" && isBlocked(sender.id));
}

/**
 * @param {HTMLElement} row
 * @param {string} selector
 * @param {boolean} isShown
 */
function showBadge(row, selector, isShown) {
  const badge = /** @type {HTMLElement | null} */ (row.querySelector(selector));
  if (badge) badge.hidden = !isShown;
}
