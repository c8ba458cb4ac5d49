/** Keeps the number of unread messages in the page's title. */

import { unreadOf } from "./chat_entry.js";
import { countable, counted } from "./title.js";

/** @typedef {import("./chat_list_item.js").ChatListItem} Item */

const COUNT_MS = 600;

export class TitleCount {
  #title = document.title;
  #items;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #recount;

  /** @param {Map<string, Item>} items */
  constructor(items) {
    this.#items = items;
  }

  /** What is being seen is read a moment after it came: the title does not flicker for it. */
  soon() {
    this.#recount ??= setTimeout(() => this.show(), COUNT_MS);
  }

  show() {
    this.#recount = undefined;
    const sum = [...this.#items.values()].reduce((all, item) => all + countableOf(item), 0);
    const title = counted(this.#title, sum);
    if (document.title === title) return;
    document.title = title;
    showBadge(sum);
  }
}

/** On the tab's icon, and on that of the installed app. @param {number} unread */
function showBadge(unread) {
  const icon = /** @type {HTMLLinkElement | null} */ (document.querySelector('link[rel="icon"]'));
  const { plain, unread: marked } = icon?.dataset ?? {};
  if (icon && plain && marked) icon.href = unread > 0 ? marked : plain;
  // Only an installed app has one; elsewhere the browser may refuse.
  const done = unread > 0 ? navigator.setAppBadge?.(unread) : navigator.clearAppBadge?.();
  done?.catch(() => {});
}

/** What of its unread messages the person wants to be told of. @param {Item} item */
function countableOf({ element, entry }) {
  const { notify, muted } = element.dataset;
  return countable({ unread: unreadOf(entry), mentions: entry.mentions, notify, isMuted: muted !== undefined });
}
