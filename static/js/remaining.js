/** Reckons and words what is left of a lifetime, by the server's clock. */

import { wordsOf } from "./date_words.js";

export const URGENT_MS = 60_000;
const DAY_S = 86_400;

/**
 * Milliseconds to add to this device's clock to get the server's. Phones are minutes off often enough to matter for a
 * code that lives fifteen.
 *
 * @param {string | undefined} serverNow ISO 8601, as rendered into the page
 * @param {number} [now]
 */
export function clockOffsetMs(serverNow, now = Date.now()) {
  const server = Date.parse(serverNow ?? "");
  return Number.isNaN(server) ? 0 : server - now;
}

/**
 * What is left, as a clock: 0:07, 14:59, 1:02:03; from two days on in days.
 *
 * @param {number} leftMs
 * @param {string} language
 */
export function formatLeft(leftMs, language) {
  const seconds = Math.max(0, Math.ceil(leftMs / 1000));
  if (seconds >= 2 * DAY_S) return days(Math.floor(seconds / DAY_S), language);
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  const [first, ...rest] = parts[0] > 0 ? parts : parts.slice(1);
  return [String(first), ...rest.map((part) => String(part).padStart(2, "0"))].join(":");
}

/**
 * @param {number} count
 * @param {string} language
 */
function days(count, language) {
  const words = wordsOf(language);
  if (words) return words.days(count);
  return new Intl.NumberFormat(language, { style: "unit", unit: "day", unitDisplay: "long" }).format(count);
}
