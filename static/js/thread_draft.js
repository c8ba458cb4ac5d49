/** Keeps what is begun in a thread, on this device alone: the server keeps one for each chat. */

/**
 * @param {string} chat
 * @param {number} thread
 * @param {import("./kept.js").Kept} kept
 */
export function threadDraft(chat, thread, kept) {
  const name = `draft.${chat}.${thread}`;
  return {
    load: () => kept.get(name) ?? "",
    save: (/** @type {string} */ text) => kept.set(name, text),
  };
}
