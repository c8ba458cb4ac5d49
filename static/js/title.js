/** Says in the tab's title, and on the app's icon where there is one, how much is unread. */

const MOST = 99;

/**
 * What of a chat's unread messages its person wants to be told of.
 *
 * @param {{ unread: number, mentions: number, notify?: string, isMuted: boolean }} chat
 */
export function countable({ unread, mentions, notify = "all", isMuted }) {
  if (isMuted || notify === "nothing") return 0;
  return notify === "mentions" ? mentions : unread;
}

/**
 * @param {string} title as the server wrote it
 * @param {number} unread
 */
export function counted(title, unread) {
  return unread === 0 ? title : `(${most(unread)}) ${title}`;
}

/** @param {number} count */
export function most(count) {
  return count > MOST ? `${MOST}+` : String(count);
}
