/** Says in the tab's title how much is unread. */

const MOST = 99;

/**
 * @param {string} title as the server wrote it
 * @param {number} unread
 */
export function counted(title, unread) {
  if (unread === 0) return title;
  return `(${unread > MOST ? `${MOST}+` : unread}) ${title}`;
}
