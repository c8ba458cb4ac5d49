/** What a message says in one line, for quotes and lists. */

import { say } from "./strings.js";
import { systemWords } from "./system_words.js";

/** @param {Message} message */
export function said(message) {
  if (message.kind === "system") return systemWords(message);
  return message.deleted_at ? say("message.deleted") : (message.preview ?? message.body);
}

/**
 * @param {HTMLElement} row
 * @param {Message} quoted
 */
export function showQuote(row, quoted) {
  const quote = /** @type {HTMLAnchorElement | null} */ (row.querySelector(".message__quote"));
  if (!quote) return;
  quote.hidden = false;
  quote.href = `#m-${quoted.client_id}`;
  quote.textContent = `${quoted.sender.display_name}: ${said(quoted)}`;
}
