/** The head of a chat's page: its title, picture and topic, as they change. */

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
