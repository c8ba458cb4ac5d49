/** Where a chat stands in the list: the pinned ones first, the newest words first among the others. */

/**
 * Put it above the others, and below those that are pinned unless it is.
 *
 * @param {HTMLElement} list
 * @param {import("./chat_list_item.js").ChatListItem} item
 */
export function raise(list, item) {
  const others = [.../** @type {NodeListOf<HTMLElement>} */ (list.querySelectorAll("[data-chat]"))];
  const below = others.find((other) => other !== item.element && (item.isPinned || !("pinned" in other.dataset)));
  if (below) below.before(item.element);
  else list.prepend(item.element);
}
