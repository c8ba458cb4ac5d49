/** Says the clock times of the server's pages in the reader's time zone, which only the browser knows. */

import { dayKey, listTime } from "./time.js";

export function showLocalTimes() {
  const today = dayKey(new Date());
  for (const time of document.querySelectorAll("time[datetime]:not(.countdown)")) {
    const { dateTime } = /** @type {HTMLTimeElement} */ (time);
    // Other texts (a span, a date, "now") are right in every zone; what is left of a code only looks like a clock.
    const isClock = /^\s*\d\d:\d\d\s*$/.test(time.textContent ?? "");
    if (isClock && dateTime.includes("T")) time.textContent = listTime(dateTime, today);
  }
}
