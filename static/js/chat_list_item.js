/** Shows one chat in one line of the list. */

import { initial, showChatPicture, showPicture } from "./avatar.js";
import { putDraft, putWords } from "./last_words.js";
import { uncountedOf, unreadOf } from "./chat_entry.js";
import { isBlocked } from "./people.js";
import { said } from "./said.js";
import { say } from "./strings.js";
import { dayKey, listTime } from "./time.js";

const PREVIEW_LENGTH = 120;
// As long as a typing line lasts elsewhere.
const TYPING_MS = 6_000;

/** @typedef {import("./chat_entry.js").ChatEntry} ChatEntry */

export class ChatListItem {
  element;
  entry;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #typing;

  /**
   * @param {HTMLElement} element
   * @param {ChatEntry} entry
   */
  constructor(element, entry) {
    this.element = element;
    this.entry = entry;
  }

  /** @param {HTMLElement} element as the server rendered it */
  static adopt(element) {
    const { chat = "", kind = "", picture = "", version, lastSeq, readSeq, unread, mentions } = element.dataset;
    const title = element.querySelector(".chat-list__title")?.textContent ?? "";
    const marks = { last_seq: Number(lastSeq), read_seq: Number(readSeq) };
    const uncounted = uncountedOf({ ...marks, unread: Number(unread) });
    const numbers = { version: Number(version), ...marks, uncounted, mentions: Number(mentions) };
    return new ChatListItem(element, { id: chat, kind, title, picture, ...numbers });
  }

  /**
   * @param {HTMLTemplateElement} template
   * @param {ChatEntry} entry
   */
  static from(template, entry) {
    const copy = document.importNode(/** @type {HTMLElement} */ (template.content.firstElementChild), true);
    const element = /** @type {HTMLAnchorElement} */ (copy);
    element.dataset.chat = entry.id;
    element.href = `/chats/${entry.id}`;
    return new ChatListItem(element, entry);
  }

  get isPinned() {
    return "pinned" in this.element.dataset;
  }

  /** @param {ChatPreferences & { partner?: Person | null }} chat as the server lists it, or its preferences alone */
  mark({ pinned, favourite, muted_until, notify, partner }) {
    if (partner) showPicture(this.#part(".avatar"), partner);
    this.element.dataset.notify = notify;
    this.element.toggleAttribute("data-pinned", pinned);
    this.element.toggleAttribute("data-favourite", favourite);
    this.element.toggleAttribute("data-muted", muted_until !== null && Date.parse(muted_until) > Date.now());
  }

  /** Somebody writes there: said in place of the last words, for a while. */
  typing() {
    this.#part(".chat-list__preview").dataset.typing = say("typing.somebody");
    clearTimeout(this.#typing);
    this.#typing = setTimeout(() => this.#stopTyping(), TYPING_MS);
  }

  #stopTyping() {
    delete this.#part(".chat-list__preview").dataset.typing;
  }

  /** @param {string} text what the person has begun to write there; in the open chat it is before their eyes anyway */
  showDraft(text) {
    putDraft(this.#part(".chat-list__preview"), this.element.hasAttribute("aria-current") ? "" : oneLine(text));
  }

  /** @param {ChatEntry} entry */
  show(entry) {
    const unread = unreadOf(entry);
    this.entry = entry;
    this.#write(".chat-list__title", entry.title || say("chat.untitled"));
    if (entry.kind === "direct") this.#part(".avatar").dataset.initial = initial(entry.title);
    else showChatPicture(this.#part(".avatar"), entry);
    this.#write(".chat-list__count", String(unread));
    this.#part(".chat-list__unread").hidden = unread === 0;
    this.#part(".chat-list__mentions").hidden = entry.mentions === 0;
  }

  /**
   * @param {Message | null} message the chat's last one, if there is any to be seen
   * @param {string} me
   */
  preview(message, me) {
    if (!message) return putWords(this.#part(".chat-list__preview"), "");
    const who = message.sender.id === me ? say("you") : message.sender.display_name;
    this.#stopTyping();
    const words = oneLine(said(message));
    const line = message.kind === "system" ? words : `${who}: ${words}`;
    putWords(this.#part(".chat-list__preview"), isHidden(message) ? "" : line);
    this.showTime(message.created_at);
  }

  /** @param {string} [time] the server's own text is in its time zone, not in the reader's */
  showTime(time = /** @type {HTMLTimeElement} */ (this.#part(".chat-list__time")).dateTime) {
    const part = /** @type {HTMLTimeElement} */ (this.#part(".chat-list__time"));
    if (!time) return;
    part.dateTime = time;
    part.textContent = listTime(time, dayKey(new Date()));
  }

  /**
   * @param {string} selector
   * @param {string} text
   */
  #write(selector, text) {
    const part = this.#part(selector);
    if (part.textContent !== text) part.textContent = text;
  }

  /** @param {string} selector */
  #part(selector) {
    return /** @type {HTMLElement} */ (this.element.querySelector(selector) ?? document.createElement("time"));
  }
}

/**
 * One line of a message.
 *
 * @param {string} body
 */
function oneLine(body) {
  return body.slice(0, 2 * PREVIEW_LENGTH).replace(/\s+/g, " ").trim().slice(0, PREVIEW_LENGTH);
}

/**
 * Whether the reader has blocked its author.
 *
 * @param {Message} message
 */
function isHidden({ kind, sender }) {
  return kind !== "system" && isBlocked(sender.id);
}
