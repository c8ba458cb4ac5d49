/** Tells the host that the code was opened, counts down, and lets nobody join twice by pressing twice. */

import { post } from "./api.js";
import { Countdown } from "./countdown.js";
import { warmChat } from "./warm.js";

/** @param {HTMLElement} section */
export function startJoin(section) {
  tellOpened(section.dataset.token ?? "");
  // The server's page for an expired code tells the way on.
  new Countdown(section.querySelector(".countdown"), section.dataset, () => setTimeout(() => location.reload(), 1_500));
  for (const form of document.querySelectorAll("form")) pressedOnce(form);
  warmChat();
}

/**
 * Once, and only when somebody looks: a browser that loads pages ahead of a tap has not opened anything.
 *
 * @param {string} token
 */
function tellOpened(token) {
  if (document.visibilityState === "visible") {
    // The page works without this; only the host's tracker misses a step.
    post("/api/auth/invitations/opened", { token }).catch(() => undefined);
  } else {
    document.addEventListener("visibilitychange", () => tellOpened(token), { once: true });
  }
}

/** @param {HTMLFormElement} form */
function pressedOnce(form) {
  let isUnderWay = false;
  form.addEventListener("submit", (event) => {
    if (isUnderWay) event.preventDefault();
    isUnderWay = true;
    form.setAttribute("aria-busy", "true");
  });
  // The back button brings the page as it was left.
  window.addEventListener("pageshow", () => {
    isUnderWay = false;
    form.removeAttribute("aria-busy");
  });
}
