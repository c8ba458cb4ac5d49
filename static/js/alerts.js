/** Hears what is said in chats that are not being looked at, and takes notifications away once that is read. */

/** @param {import("./page.js").Page} page */
export function watchMessages(page) {
  page.on("message.created", async ({ message }) => {
    if (message.sender.id === page.me || message.kind === "system" || isSeen(message.chat)) return;
    (await import("./alert.js")).tellOf(message, page);
  });
  page.on("receipt.read", ({ chat, user }) => user === page.me && takeAway(chat));
  const shown = shownChat();
  if (shown) takeAway(shown);
}

/** @param {string} chat */
function isSeen(chat) {
  return document.visibilityState === "visible" && document.hasFocus() && shownChat() === chat;
}

function shownChat() {
  const section = /** @type {HTMLElement | null} */ (document.querySelector('[data-controller="chat"]'));
  return section?.dataset.chat;
}

/** @param {string} chat */
async function takeAway(chat) {
  const worker = await navigator.serviceWorker?.getRegistration();
  for (const one of (await worker?.getNotifications?.({ tag: chat })) ?? []) one.close();
  document.querySelector(`.news-line[data-chat="${CSS.escape(chat)}"]`)?.remove();
}
