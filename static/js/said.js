/** What a message says in one line, for quotes and lists. */

import { say } from "./strings.js";

/** @param {Message} message */
export function said(message) {
  return message.deleted_at ? say("message.deleted") : (message.preview ?? message.body);
}
