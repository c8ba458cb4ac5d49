/** Keeps the pages of the administration alive: how many reports wait, in the header and in the tab's title. */

import { Connection } from "./connection.js";
import { keepConnected } from "./keep_connected.js";
import { closeMenusElsewhere } from "./menus.js";
import { socketUrl } from "./protocol.js";
import { watchReports } from "./reports.js";
import { sayCount } from "./strings.js";
import { counted, most } from "./title.js";

const link = /** @type {HTMLAnchorElement | null} */ (document.querySelector("[data-waiting]"));
const title = document.title;

/** @param {HTMLAnchorElement} shown */
function watch(shown) {
  const connection = new Connection({ url: socketUrl(location), me: shown.dataset.me ?? "" });
  watchReports({
    connection,
    queue: shown.href,
    onCount: (waiting) => {
      shown.hidden = waiting === 0;
      set(shown, "[data-number]", most(waiting));
      set(shown, "[data-words]", sayCount("reports", waiting));
      document.title = counted(title, waiting);
    },
  });
  keepConnected(connection);
}

/**
 * @param {HTMLElement} within
 * @param {string} part
 * @param {string} text
 */
function set(within, part, text) {
  const element = within.querySelector(part);
  if (element) element.textContent = text;
}

closeMenusElsewhere();
if (link) watch(link);
