/** Says beside a message who wrote it, and folds away what somebody wrote whom the reader has blocked. */

import { isBlocked } from "./people.js";

/**
 * @param {HTMLElement} row
 * @param {Message} message
 */
export function showAuthor(row, { sender, kind, shown_as }) {
  const name = /** @type {HTMLElement | null} */ (row.querySelector(".message__sender"));
  if (name) {
    name.textContent = shown_as ?? sender.display_name;
    // Who is renamed is renamed wherever their id stands; a name for one message is its own.
    name.dataset.name = shown_as ? "" : sender.id;
  }
  showVia(row, shown_as ? sender.display_name : "");
  row.dataset.shownAs = shown_as ?? "";
  showBadge(row, ".message__badge", sender.is_guest);
  showBadge(row, ".message__bot", sender.is_bot === true);
  row.querySelector(".message__from")?.setAttribute("href", `/people/${sender.id}`);
  row.querySelector(".message__blocked a")?.setAttribute("href", `#${row.id}`);
  row.classList.toggle("message--blocked", kind !== "system" && isBlocked(sender.id));
}

/**
 * @param {HTMLElement} row
 * @param {string} name of the webhook itself
 */
function showVia(row, name) {
  const via = /** @type {HTMLElement | null} */ (row.querySelector(".message__via"));
  if (!via) return;
  via.hidden = name === "";
  /** @type {HTMLElement} */ (via.querySelector("bdi")).textContent = name;
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
