/** Tells one of the staff, on whichever page, how many reports wait for them and when another comes. */

import { get } from "./api.js";
import { show } from "./due.js";
import { say } from "./strings.js";

const WAITING = "/api/chats/reports/waiting";
const NEWS = ["report.created", "report.escalated"];
const CHANGE = "reports.changed";

/**
 * @param {object} options
 * @param {import("./connection.js").Connection} options.connection
 * @param {string} options.queue where the reports are
 * @param {(waiting: number) => void} options.onCount
 */
export function watchReports({ connection, queue, onCount }) {
  /** @type {HTMLElement | undefined} */
  let notice;
  connection.addEventListener("item", async (event) => {
    const { type, waiting } = /** @type {CustomEvent<WireItem>} */ (event).detail;
    if (type === "hello") onCount(await asked());
    if (type === CHANGE || NEWS.includes(type)) onCount(waiting);
    if (!NEWS.includes(type)) return;
    // One line for all of them: whoever reads it goes to where all are.
    notice?.remove();
    notice = show(say("report.created"), queue);
  });
}

/** Events that were missed are made up for by asking; who may not ask has none. */
async function asked() {
  const { waiting } = await get(WAITING).catch(() => ({ waiting: 0 }));
  return waiting;
}
