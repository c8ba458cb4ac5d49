/** Shows how far somebody has come with a code: created, opened, joined, declined, expired, revoked. */

import { clockTime } from "./time.js";

/**
 * @param {HTMLElement} tracker
 * @param {string} step
 * @param {string} [time]
 */
export function markStep(tracker, step, time = new Date().toISOString()) {
  const element = /** @type {HTMLElement | null} */ (tracker.querySelector(`[data-step="${CSS.escape(step)}"]`));
  if (!element || element.dataset.done === "true") return;
  element.hidden = false;
  element.dataset.done = "true";
  const moment = document.createElement("time");
  moment.dateTime = time;
  moment.textContent = clockTime(time);
  element.querySelector(".tracker__detail")?.replaceChildren(moment);
}

/**
 * How often each thing has happened, as far as the news says.
 *
 * @param {HTMLElement} section
 * @param {object} state
 */
export function showNumbers(section, state) {
  for (const [name, count] of Object.entries(state)) {
    const number = section.querySelector(`[data-number="${CSS.escape(name)}"]`);
    if (number) number.textContent = String(count);
  }
}
