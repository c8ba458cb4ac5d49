/** Shows the composer, or that only those who manage the chat write there. */

/** @param {HTMLElement} section the open chat */
export function showWhoWrites(section) {
  const { announcements, role = "" } = section.dataset;
  const mayWrite = announcements === undefined || ["owner", "admin"].includes(role);
  section.querySelector(".composer")?.toggleAttribute("hidden", !mayWrite);
  section.querySelector(".composer__closed--announcements")?.toggleAttribute("hidden", mayWrite);
}
