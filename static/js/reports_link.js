/** The way to the reports in the menu of one of the staff: how many wait stands beside it. */

import { watchReports } from "./reports.js";
import { most } from "./title.js";

/**
 * @param {HTMLElement} element
 * @param {import("./page.js").Page} page
 */
export function startReportsLink(element, page) {
  const link = /** @type {HTMLAnchorElement} */ (element);
  const count = /** @type {HTMLElement} */ (link.querySelector("[data-count]"));
  watchReports({
    connection: page.connection,
    queue: link.href,
    onCount: (waiting) => {
      count.hidden = waiting === 0;
      count.textContent = most(waiting);
    },
  });
}
