/** Shows who is online, on every element that names a person by `data-presence`. */

import { get } from "./api.js";
import { say } from "./strings.js";

const MOST_IDS = 100;
const GATHER_MS = 200;

/** @type {ReturnType<typeof setTimeout> | undefined} */
let planned;

/** @param {import("./page.js").Page} page */
export function watchPresence(page) {
  page.on("hello", () => setTimeout(askPresence, page.connection.calmMs));
  page.on("presence.changed", ({ user, online }) => show(user, online));
  // They may have begun or ceased to show it.
  page.on("user.changed", ({ user }) => isShown(user.id) && setTimeout(askPresence, page.connection.calmMs));
}

/** For everybody who is shown; many who come at once are asked for once. */
export function askPresence() {
  planned ??= setTimeout(refresh, GATHER_MS);
}

async function refresh() {
  planned = undefined;
  const ids = new Set([...document.querySelectorAll("[data-presence]")].map((element) => presenceOf(element)));
  if (ids.size === 0) return;
  const query = [...ids].slice(0, MOST_IDS).join(",");
  const answer = await get(`/api/users/presence?ids=${query}`).catch(() => ({}));
  for (const id of ids) show(id, answer[id]?.online ?? false);
}

/**
 * @param {string} user
 * @param {boolean} isOnline
 */
function show(user, isOnline) {
  for (const element of document.querySelectorAll(`[data-presence="${CSS.escape(user)}"]`)) {
    const dot = /** @type {HTMLElement} */ (element);
    dot.dataset.online = String(isOnline);
    dot.title = say(isOnline ? "presence.online" : "presence.offline");
  }
}

/** @param {string} user */
function isShown(user) {
  return document.querySelector(`[data-presence="${CSS.escape(user)}"]`) !== null;
}

/** @param {Element} element */
function presenceOf(element) {
  return /** @type {HTMLElement} */ (element).dataset.presence ?? "";
}
