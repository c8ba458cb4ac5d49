/** Loads ahead what the chat's page will need, while the person still reads and types on this one. */

// First this page's own affairs: somebody who presses at once must not wait for files of the next page.
const PATIENCE_MS = 400;

export function warmChat() {
  setTimeout(() => {
    Promise.allSettled([import("./chat.js"), import("./chat_list.js"), import("./connection_status.js")]);
  }, PATIENCE_MS);
}
