/** What a message says in one line, for quotes and lists. */

import { say } from "./strings.js";
import { systemWords } from "./system_words.js";

/** @param {Message} message */
export function said(message) {
  if (message.kind === "system") return systemWords(message);
  if (message.deleted_at) return say("message.deleted");
  return (message.preview ?? message.body) || held(message.attachments);
}

/** What a message of files alone is called. @param {Attachment[]} files */
function held([file]) {
  if (!file) return "";
  if (file.kind === "image") return say("files.photo");
  return file.duration_ms === null ? file.name : say("files.voice");
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
