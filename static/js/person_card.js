/** Somebody's profile over the page, from the profile's own page. */

import { patiently } from "./patience.js";
import { askPresence } from "./presence.js";
import { loadSheet } from "./sheet.js";
import { say } from "./strings.js";

/** @param {HTMLAnchorElement} link to the profile */
export async function showCard(link) {
  const [text] = await Promise.all([patiently(() => pageOf(link.href)), style()]);
  const card = new DOMParser().parseFromString(text, "text/html").querySelector(".person");
  if (!card) throw new Error(`no card at ${link.href}`);
  const dialog = document.createElement("dialog");
  dialog.className = "dialog person-card";
  dialog.setAttribute("aria-label", card.querySelector(".person__name")?.textContent?.trim() ?? "");
  dialog.append(closing(dialog), document.adoptNode(card));
  dialog.addEventListener("close", () => dialog.remove());
  // A press beside the card closes it, as Escape does.
  dialog.addEventListener("click", ({ target }) => target === dialog && dialog.close());
  document.body.append(dialog);
  dialog.showModal();
  askPresence();
}

/** @param {string} url */
async function pageOf(url) {
  const answer = await fetch(url, { headers: { Accept: "text/html" } });
  if (!answer.ok || answer.redirected) throw new Error(`${answer.status} at ${url}`);
  return answer.text();
}

/** The card's style sheets, which the page has named and not loaded: most people open no card. */
function style() {
  const named = document.querySelector("[data-card-styles]");
  const hrefs = (/** @type {HTMLElement | null} */ (named)?.dataset.cardStyles ?? "").split(" ").filter(Boolean);
  return Promise.all(hrefs.map(loadSheet));
}

/** @param {HTMLDialogElement} dialog */
function closing(dialog) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "button button--quiet person-card__close";
  button.textContent = say("show.close");
  button.addEventListener("click", () => dialog.close());
  return button;
}
