/** What stands around a chat: its title, picture and topic, and a word in the composer's place, as they change. */

import { showChatPicture } from "./avatar.js";

/**
 * @param {HTMLElement} section
 * @param {ChatSummary} summary
 * @param {{ isThread: boolean }} page a thread's page has a title of its own
 */
export function showHead(section, summary, { isThread }) {
  const title = section.querySelector(".chat__title");
  if (title && summary.title && !isThread) title.textContent = summary.title;
  const avatar = /** @type {HTMLElement | null} */ (section.querySelector("[data-chat-avatar]"));
  if (avatar) showChatPicture(avatar, summary);
  const topic = section.querySelector(".chat__topic");
  if (topic) topic.textContent = summary.topic;
}

/**
 * @param {HTMLElement} section
 * @param {string} text why nobody writes here any more
 */
export function sayClosed(section, text) {
  const closed = document.createElement("p");
  closed.className = "composer__closed";
  closed.setAttribute("role", "alert");
  closed.textContent = text;
  section.querySelector(".composer__closed")?.remove();
  section.append(closed);
}
