/** Hears what has become of messages that wait for approval: one's own, and those that wait for this person. */

import { show } from "./due.js";
import { say } from "./strings.js";

/** @param {import("./page.js").Page} page */
export function watchHeld(page) {
  page.on("held.changed", ({ chat, held }) => {
    if (held.sender.id === page.me) heard(held, page);
    else if (held.state === "waiting" && !document.querySelector('[data-controller="held"]')) {
      show(say("held.asks", { name: held.sender.display_name }), `/chats/${chat}/held`);
    }
  });
  // What was written on another device, or before this browser forgot it.
  const told = document.getElementById("own-held")?.textContent;
  for (const held of told ? JSON.parse(told) : []) heard(held, page);
}

/**
 * @param {Held} held
 * @param {import("./page.js").Page} page
 */
function heard(held, { outbox }) {
  const { client_id, chat, body, reply_to, thread, attachments, held_at, state } = held;
  const files = attachments.length > 0 && { attachments };
  const written = { client_id, chat, body, reply_to, ...(thread && { thread }), ...files };
  if (state === "withdrawn") outbox.discard(client_id);
  else if (state !== "approved") outbox.hold({ ...written, created_at: held_at }, held.id);
  // What was approved comes as a message of its own.
  if (state === "rejected" || state === "expired") outbox.refuse(client_id, say("state.rejected"));
}
