/** Shows the composer, or why the reader does not write here: only who manages the chat does, or moderators say so. */

import { say } from "./strings.js";
import { timeToTheMinute } from "./time.js";

/** @param {HTMLElement} section the open chat */
export function showWhoWrites(section) {
  const { announcements, role = "", silencedUntil = "" } = section.dataset;
  const isSilenced = isAhead(silencedUntil);
  const isForAll = announcements === undefined || ["owner", "admin"].includes(role);
  section.querySelector(".composer")?.toggleAttribute("hidden", isSilenced || !isForAll);
  section.querySelector(".composer__closed--announcements")?.toggleAttribute("hidden", isSilenced || isForAll);
  const silenced = section.querySelector(".composer__closed--silenced");
  silenced?.toggleAttribute("hidden", !isSilenced);
  if (silenced && isSilenced) silenced.textContent = say("silenced", { until: timeToTheMinute(silencedUntil) });
}

/** @param {string} time */
export function isAhead(time) {
  return Date.parse(time) > Date.now();
}
