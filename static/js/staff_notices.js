/** Shows, on any page, what staff lets somebody know, until they say that they have read it. */

import { post } from "./api.js";
import { loadSheet } from "./sheet.js";

/** @param {import("./page.js").Page} page */
export function watchStaffNotices(page) {
  const place = /** @type {HTMLElement | null} */ (document.querySelector("[data-staff-notices]"));
  if (!place) return;
  let why = "";
  page.on("notice.created", ({ notice }) => {
    if (notice.kind === "banned") why = notice.reason;
    else show(place).catch(reportError);
  });
  page.on("notice.seen", ({ notice }) => putAway(place, String(notice)));
  place.addEventListener("submit", (event) => read(place, event));
  page.connection.addEventListener("state", async () => {
    if (page.connection.reason !== "banned") return;
    page.forget();
    (await import("./account_closed.js")).showClosed(why, place.dataset.style ?? "");
  });
}

/** They are taken from the page that lists them, in the words of the person's language. @param {HTMLElement} place */
async function show(place) {
  const answer = await fetch("/notices", { headers: { Accept: "text/html" } });
  if (!answer.ok || answer.redirected) return; // signed out meanwhile: the next page says it
  const listed = new DOMParser().parseFromString(await answer.text(), "text/html");
  await loadSheet(place.dataset.style ?? "");
  const known = new Set([...place.querySelectorAll("article")].map(({ dataset }) => dataset.notice));
  const fresh = listed.querySelectorAll("[data-staff-notices] > article");
  place.hidden = false;
  for (const article of [...fresh].reverse()) {
    const way = /** @type {HTMLInputElement | null} */ (article.querySelector('[name="next"]'));
    way?.setAttribute("value", location.pathname + location.search);
    if (!known.has(/** @type {HTMLElement} */ (article).dataset.notice)) place.prepend(document.adoptNode(article));
  }
  place.hidden = place.children.length === 0;
}

/**
 * @param {HTMLElement} place
 * @param {SubmitEvent} event
 */
async function read(place, event) {
  const article = /** @type {HTMLElement} */ (event.target).closest("article");
  if (!article?.dataset.notice) return;
  event.preventDefault();
  article.setAttribute("aria-busy", "true");
  try {
    await post(`/api/users/me/notices/${article.dataset.notice}/seen`);
    putAway(place, article.dataset.notice);
  } catch {
    // As without this script: the form's own way shows what is wrong.
    /** @type {HTMLFormElement} */ (event.target).submit();
  }
}

/**
 * @param {HTMLElement} place
 * @param {string} notice
 */
function putAway(place, notice) {
  place.querySelector(`[data-notice="${CSS.escape(notice)}"]`)?.remove();
  place.hidden = place.children.length === 0;
}
