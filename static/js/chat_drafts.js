/** Shows in the list of chats what the person has begun to write, here or on another device. */

import { isUnsaved } from "./draft.js";

/**
 * @param {Map<string, import("./chat_list_item.js").ChatListItem>} items
 * @param {import("./page.js").Page} page
 */
export function followDrafts(items, page) {
  for (const [chat, item] of items) {
    // What the server knows it has rendered.
    if (isUnsaved(page.kept, chat)) item.showDraft(page.kept.get(`draft.${chat}`) ?? "");
  }
  page.on("draft.changed", ({ chat, draft }) => items.get(chat)?.showDraft(draft?.body ?? ""));
}
