/** Keeps the list of chats as the server knows it: order, last words, unread counts, chats that come and go. */

import { get } from "./api.js";
import { afterChange, afterMessage, afterRead, isBehind, isStale, merged, unreadOf } from "./chat_entry.js";
import { ChatListItem } from "./chat_list_item.js";
import { counted } from "./title.js";

const GATHER_MS = 200;
const COUNT_MS = 600;

export class ChatList {
  #list;
  #template;
  #me;
  /** @type {Map<string, ChatListItem>} */
  #items = new Map();
  #title = document.title;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #recount;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #reload;

  /**
   * @param {HTMLElement} list
   * @param {import("./page.js").Page} page
   */
  constructor(list, page) {
    this.#list = list;
    this.#template = /** @type {HTMLTemplateElement} */ (list.querySelector("template"));
    this.#me = page.me;
    for (const element of list.querySelectorAll("[data-chat]")) this.#adopt(/** @type {HTMLElement} */ (element));
    this.#showUnread();
    this.#listen(page);
  }

  /** @param {import("./page.js").Page} page */
  #listen(page) {
    /** @type {(type: string, deed: (item: WireItem) => void) => void} */
    const on = (type, deed) => page.on(type, (item) => [deed(item), this.#countSoon()]);
    on("hello", ({ chats }) => isStale(this.#entries(), chats) && this.#loadSoon(page.connection.calmMs));
    on("message.created", ({ message }) => this.#created(message));
    on("message.changed", ({ message }) => this.#changed(message));
    on("receipt.read", ({ chat, user, seq }) => user === this.#me && this.#read(chat, seq));
    on("heads", ({ chats }) => isBehind(this.#entries(), chats) && this.#loadSoon());
    on("chat.stale", () => this.#loadSoon());
    on("chat.created", () => this.#loadSoon());
    on("chat.changed", ({ chat, version, summary }) => this.#moved(chat, version, summary.title));
    on("membership.changed", ({ chat, version }) => this.#moved(chat, version));
    on("chat.removed", ({ chat }) => this.#remove(chat));
  }

  /** @param {HTMLElement} element */
  #adopt(element) {
    const item = ChatListItem.adopt(element);
    item.showTime();
    this.#items.set(item.entry.id, item);
  }

  #entries() {
    return [...this.#items.values()].map((item) => item.entry);
  }

  /** @param {Message} message */
  #created(message) {
    const item = this.#items.get(message.chat);
    if (!item) return this.#loadSoon();
    if (message.seq <= item.entry.last_seq) return;
    item.show(afterMessage(item.entry, message, this.#me));
    item.preview(message, this.#me);
    this.#list.prepend(item.element);
  }

  /** @param {Message} message */
  #changed(message) {
    const item = this.#items.get(message.chat);
    if (!item) return;
    item.entry = afterMessage(item.entry, message, this.#me);
    if (message.seq === item.entry.last_seq) item.preview(message, this.#me);
  }

  /**
   * @param {string} chat
   * @param {number} seq
   */
  #read(chat, seq) {
    const item = this.#items.get(chat);
    item?.show(afterRead(item.entry, seq));
  }

  /**
   * @param {string} chat
   * @param {number} version
   * @param {string} [title]
   */
  #moved(chat, version, title) {
    const item = this.#items.get(chat);
    const entry = item && afterChange(item.entry, version);
    if (entry) item.show({ ...entry, title: title || entry.title });
  }

  /** @param {string} chat */
  #remove(chat) {
    this.#items.get(chat)?.element.remove();
    this.#items.delete(chat);
  }

  /** What is being seen is read a moment after it came: the title does not flicker for it. */
  #countSoon() {
    this.#recount ??= setTimeout(() => this.#showUnread(), COUNT_MS);
  }

  #showUnread() {
    this.#recount = undefined;
    const title = counted(this.#title, this.#entries().reduce((sum, entry) => sum + unreadOf(entry), 0));
    if (document.title !== title) document.title = title;
  }

  /** Several news at once ask for the list once. */
  #loadSoon(calmMs = 0) {
    clearTimeout(this.#reload);
    this.#reload = setTimeout(() => this.#load(), GATHER_MS + calmMs);
  }

  async #load() {
    const answer = await get("/api/chats").catch(() => null);
    if (!answer) return;
    const ids = new Set(answer.items.map((/** @type {ChatListItem["entry"]} */ entry) => entry.id));
    for (const chat of [...this.#items.keys()]) if (!ids.has(chat) && !answer.next) this.#remove(chat);
    for (const chat of answer.items.reverse()) this.#show(chat);
    this.#list.querySelector(".empty")?.remove();
    this.#showUnread();
  }

  /** @param {import("./chat_entry.js").ChatEntry & { last_message: Message | null }} chat */
  #show(chat) {
    const known = this.#items.get(chat.id);
    const item = known ?? ChatListItem.from(this.#template, chat);
    this.#items.set(chat.id, item);
    item.show(merged(known?.entry, chat));
    if (chat.last_message && chat.last_seq >= item.entry.last_seq) item.preview(chat.last_message, this.#me);
    this.#list.prepend(item.element);
  }
}
