/** Offers the zone that this device is in. */

/** @param {HTMLElement} field */
export function startTimeZone(field) {
  const select = field.querySelector("select");
  const button = field.querySelector("button");
  const zone = new Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (!select || !button || ![...select.options].some(({ value }) => value === zone)) return;
  /** @type {HTMLElement} */ (button.querySelector("bdi")).textContent = zone;
  button.hidden = select.value === zone;
  button.addEventListener("click", () => {
    select.value = zone;
    button.hidden = true;
  });
}
