/** What a message says in one line, for quotes and lists. */

import { say } from "./strings.js";
import { systemWords } from "./system_words.js";

/** @param {Message} message */
export function said(message) {
  if (message.kind === "system") return systemWords(message);
  return message.deleted_at ? say("message.deleted") : (message.preview ?? message.body);
}
