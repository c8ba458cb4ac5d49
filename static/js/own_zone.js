/** Tells forms in which zone the reader's clock goes, where they have chosen none: only the browser knows. */

/** A field for a day and a time has no zone of its own; the server was told none when it filled it. */
export function tellOwnZone() {
  if (document.documentElement.dataset.timeZone) return;
  const zone = new Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (!zone) return;
  for (const field of document.querySelectorAll("[data-own-zone]")) field.setAttribute("value", zone);
  for (const name of document.querySelectorAll("[data-zone-name]")) name.textContent = zone;
  for (const field of document.querySelectorAll("[data-moment]")) {
    const input = /** @type {HTMLInputElement} */ (field);
    input.value = localMoment(new Date(input.dataset.moment ?? ""));
  }
  const format = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "medium", timeStyle: "short" });
  for (const time of document.querySelectorAll("time[data-moment-text]")) {
    time.textContent = format.format(new Date(/** @type {HTMLTimeElement} */ (time).dateTime));
  }
}

/** As a field for a day and a time has it: 2026-11-26T09:00. @param {Date} time */
export function localMoment(time) {
  const shifted = new Date(time.getTime() - time.getTimezoneOffset() * 60_000);
  return shifted.toISOString().slice(0, 16);
}
