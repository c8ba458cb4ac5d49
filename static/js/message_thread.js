/** Shows where a message hangs, how many replies hang on it, and who said it first. */

import { say, sayCount } from "./strings.js";

/**
 * @param {HTMLElement} row
 * @param {Message} message
 * @param {Message | undefined} root the message that it hangs on, as far as it is known
 */
export function showThread(row, message, root) {
  const { thread, seq, chat, replies, forwarded } = message;
  const url = `/chats/${chat}/threads/${thread ?? seq}`;
  row.dataset.thread = String(thread ?? "");
  link(row, ".message__thread", url, thread === undefined ? "" : placeText(root));
  link(row, ".message__replies", url, replies ? sayCount("replies", replies.count) : "");
  const counted = /** @type {HTMLElement | null} */ (row.querySelector(".message__replies"));
  if (counted) counted.dataset.count = String(replies?.count ?? 0);
  const [from, name] = [".message__forwarded", ".message__forwarded bdi"].map((part) => row.querySelector(part));
  from?.toggleAttribute("hidden", !forwarded || Boolean(message.deleted_at));
  if (forwarded && name) name.textContent = forwarded.display_name;
  // A row that this page made has the addresses of no message yet.
  row.querySelector('[data-action="thread"]')?.setAttribute("href", url);
  row.querySelector('[data-action="forward"]')?.setAttribute("href", `/chats/${chat}/messages/${seq}/forward`);
}

/**
 * @param {HTMLElement} row as the server rendered it
 * @returns {Pick<Message, "thread" | "replies" | "forwarded">}
 */
export function renderedThread(row) {
  const { thread } = row.dataset;
  const count = Number(row.querySelector(".message__replies")?.getAttribute("data-count"));
  const name = row.querySelector(".message__forwarded bdi")?.textContent;
  return {
    ...(thread && { thread: Number(thread) }),
    ...(count && { replies: { count, last_seq: 0, people: [] } }),
    ...(name && { forwarded: { display_name: name } }),
  };
}

/** @param {Message | undefined} root */
function placeText(root) {
  return root ? say("thread.of", { name: root.sender.display_name }) : say("thread.some");
}

/**
 * @param {HTMLElement} row
 * @param {string} selector
 * @param {string} url
 * @param {string} text empty hides it
 */
function link(row, selector, url, text) {
  const element = /** @type {HTMLAnchorElement | null} */ (row.querySelector(selector));
  if (!element) return;
  element.hidden = text === "";
  element.href = url;
  element.textContent = text;
}
