/** Counts down what can be done on the page; after the end the server's page tells the way on. */

import { Countdown } from "./countdown.js";

const PAUSE_MS = 1_500;

/** @param {HTMLElement} section */
export function startEnding(section) {
  const reload = () => setTimeout(() => location.reload(), PAUSE_MS);
  new Countdown(section.querySelector(".countdown"), section.dataset, reload);
}
