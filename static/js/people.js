/** Keeps names, pictures and statuses on the page as they are now, and knows whom one has blocked. */

import { showPicture } from "./avatar.js";

/** @param {import("./page.js").Page} page */
export function watchPeople(page) {
  page.on("user.changed", ({ user, status }) => {
    for (const part of named("data-name", user.id)) part.textContent = user.display_name;
    for (const part of named("data-avatar", user.id)) showPicture(part, user);
    for (const part of named("data-status", user.id)) showStatus(part, status);
  });
  page.on("block.changed", ({ user, blocked }) => {
    const others = blockedIds().filter((id) => id !== user);
    document.body.dataset.blocked = (blocked ? [...others, user] : others).join(" ");
    for (const row of named("data-sender", user)) row.classList.toggle("message--blocked", blocked);
  });
}

/** @param {string} user */
export function isBlocked(user) {
  return blockedIds().includes(user);
}

function blockedIds() {
  return (document.body.dataset.blocked ?? "").split(" ").filter(Boolean);
}

/**
 * @param {string} attribute
 * @param {string} user
 * @returns {Iterable<HTMLElement>}
 */
function named(attribute, user) {
  return document.querySelectorAll(`[${attribute}="${CSS.escape(user)}"]`);
}

/**
 * @param {HTMLElement} part
 * @param {Status | null} status
 */
function showStatus(part, status) {
  part.hidden = status === null;
  const words = part.querySelector(".person__words");
  if (words) words.textContent = status ? `${status.emoji} ${status.text}`.trim() : "";
  // What it said of the time holds no longer; the next page says it anew.
  part.querySelector(".person__until")?.remove();
}
