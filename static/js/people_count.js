/** Shows in the open chat's head how many people are in it. */

import { sayCount } from "./strings.js";

/**
 * @param {HTMLElement} section
 * @param {number} count 0 while it is not known
 */
export function showCount(section, count) {
  const number = section.querySelector(".chat__count");
  if (!number || count === 0) return;
  const words = sayCount("people", count);
  number.textContent = String(count);
  number.parentElement?.setAttribute("aria-label", words);
  number.parentElement?.setAttribute("title", words);
}
