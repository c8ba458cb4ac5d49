/** Of which messages a page tells its person, as the worker decides it for push. */

/**
 * @param {{ notify: string, muted_until: string | null }} wishes of this chat
 * @param {{ isMention: boolean, now: number }} about
 */
export function isWanted({ notify, muted_until }, { isMention, now }) {
  if (muted_until !== null && Date.parse(muted_until) > now) return false;
  return notify === "all" || (notify === "mentions" && isMention);
}

/**
 * Whether it is an hour at which nothing rings; over midnight where the hours say so.
 *
 * @param {{ quiet_from: string, quiet_until: string }} hours as `22:00`, empty for none
 * @param {string} time as `23:15`
 */
export function isQuiet({ quiet_from, quiet_until }, time) {
  if (!quiet_from) return false;
  if (quiet_from <= quiet_until) return quiet_from <= time && time < quiet_until;
  return quiet_from <= time || time < quiet_until;
}

/**
 * @param {number} now
 * @param {string} zone the person's; empty: the device's
 */
export function timeIn(zone, now) {
  const format = { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: zone || undefined };
  return new Intl.DateTimeFormat("en-GB", /** @type {Intl.DateTimeFormatOptions} */ (format)).format(now);
}
