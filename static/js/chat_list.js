/** Keeps the list of chats as the server knows it: order, last words, unread counts, chats that come and go. */

import { get } from "./api.js";
import { afterChange, afterMessage, afterRead, afterUnread } from "./chat_entry.js";
import { hasLost, isBehind, isDoubtful, listed } from "./chat_entry.js";
import { followDrafts } from "./chat_drafts.js";
import { ChatListItem } from "./chat_list_item.js";
import { raise } from "./chat_places.js";
import { SeenHeads } from "./seen_heads.js";
import { TitleCount } from "./title_count.js";

/** @typedef {import("./chat_entry.js").ChatEntry} ChatEntry */
/** @typedef {[string, (entry: ChatEntry) => ChatEntry][]} News */

const GATHER_MS = 200;

export class ChatList {
  #list;
  #template;
  #me;
  #query;
  /** @type {Map<string, ChatListItem>} */
  #items = new Map();
  #entries = () => [...this.#items.values()].map((item) => item.entry);
  #title = new TitleCount(this.#items);
  #reload = /** @type {ReturnType<typeof setTimeout> | undefined} */ (undefined);
  #meanwhile = /** @type {News | undefined} what happens, by chat, while the list is fetched */ (undefined);
  #seen = new SeenHeads();

  /**
   * @param {HTMLElement} list
   * @param {import("./page.js").Page} page
   */
  constructor(list, page) {
    this.#list = list;
    this.#template = /** @type {HTMLTemplateElement} */ (list.querySelector("template"));
    this.#me = page.me;
    this.#query = list.dataset.query ?? "";
    for (const element of list.querySelectorAll("[data-chat]")) this.#adopt(/** @type {HTMLElement} */ (element));
    this.#title.show();
    this.#listen(page);
    followDrafts(this.#items, page);
    if (list.querySelector(".chat-list__more")) import("./chat_list_pages.js").then((it) => it.followPages(list, this));
  }

  /** @param {any[]} chats a further page @param {HTMLElement} end what it stands before */
  append(chats, end) {
    for (const chat of chats) if (!this.#items.has(chat.id)) end.before(this.#show(chat, []).element);
  }

  /** @param {import("./page.js").Page} page */
  #listen(page) {
    /** @type {(type: string, deed: (item: WireItem) => void) => void} */
    const on = (type, deed) => page.on(type, (item) => [deed(item), this.#title.soon()]);
    on("hello", ({ chats }) => {
      if (this.#seen.haveMoved(this.#entries(), chats)) this.#loadSoon(page.connection.calmMs);
    });
    on("message.created", ({ message }) => this.#created(message));
    on("message.changed", ({ message }) => this.#changed(message));
    on("receipt.read", ({ chat, user, seq }) => {
      if (user === this.#me) this.#apply(chat, (entry) => afterRead(entry, seq));
    });
    on("unread.changed", (item) => this.#apply(item.chat, (entry) => afterUnread(entry, item)));
    on("heads", ({ chats }) => isBehind(this.#entries(), chats) && this.#loadSoon());
    for (const type of ["chat.created", "chat.cleared", "chat.stale"]) on(type, () => this.#loadSoon());
    on("chat.changed", ({ chat, version, summary: { title, picture, pruned_below } }) => {
      if (hasLost(this.#items.get(chat)?.entry, pruned_below)) this.#loadSoon();
      this.#apply(chat, (entry) => ({ ...afterChange(entry, version), title: title || entry.title, picture }));
    });
    on("membership.changed", ({ chat, version }) => this.#apply(chat, (entry) => afterChange(entry, version)));
    on("chat_preferences.changed", ({ chat, preferences }) => {
      this.#items.get(chat)?.mark(preferences);
      preferences.archived === this.#query.includes("filter=archived") ? this.#loadSoon() : this.#remove(chat);
    });
    on("typing.started", ({ chat, user }) => user !== this.#me && this.#items.get(chat)?.typing());
    on("chat.removed", ({ chat }) => this.#remove(chat));
  }

  /** @param {HTMLElement} element */
  #adopt(element) {
    const item = ChatListItem.adopt(element);
    item.showTime();
    this.#items.set(item.entry.id, item);
  }

  /** @param {Message} message */
  #created(message) {
    const item = this.#items.get(message.chat);
    if (!item) return this.#loadSoon();
    const isNew = message.seq > item.entry.last_seq;
    this.#apply(message.chat, (entry) => afterMessage(entry, message, this.#me));
    if (!isNew) return;
    item.preview(message, this.#me);
    raise(this.#list, item);
  }

  /** @param {Message} message */
  #changed(message) {
    const item = this.#items.get(message.chat);
    if (!item) return;
    if (isDoubtful(item.entry, message, this.#me)) this.#loadSoon();
    this.#apply(message.chat, (entry) => afterMessage(entry, message, this.#me));
    if (message.seq === item.entry.last_seq) item.preview(message, this.#me);
  }

  /** @param {string} chat @param {(entry: ChatEntry) => ChatEntry} change */
  #apply(chat, change) {
    const item = this.#items.get(chat);
    item?.show(change(item.entry));
    this.#meanwhile?.push([chat, change]);
  }

  /** @param {string} chat */
  #remove(chat) {
    this.#items.get(chat)?.element.remove();
    this.#items.delete(chat);
  }

  /** Several news at once ask for the list once. */
  #loadSoon(calmMs = 0) {
    clearTimeout(this.#reload);
    this.#reload = setTimeout(() => this.#load(), GATHER_MS + calmMs);
  }

  async #load() {
    this.#meanwhile = [];
    const answer = await get(`/api/chats?${this.#query}`).catch(() => null);
    if (!answer) return;
    const ids = new Set(answer.items.map((/** @type {ChatEntry} */ { id }) => id));
    for (const chat of [...this.#items.keys()]) if (!ids.has(chat) && !answer.next) this.#remove(chat);
    for (const chat of answer.items.reverse()) this.#show(chat, this.#meanwhile ?? []);
    this.#meanwhile = undefined;
    this.#list.querySelector(".empty")?.remove();
    this.#title.show();
  }

  /** @param {any} chat as the server lists it @param {News} news what happened meanwhile, of all chats */
  #show(chat, news) {
    const fetched = listed(chat);
    const item = this.#items.get(chat.id) ?? ChatListItem.from(this.#template, fetched);
    this.#items.set(chat.id, item);
    item.show(news.reduce((entry, [of, change]) => (of === chat.id ? change(entry) : entry), fetched));
    item.mark(chat);
    item.showDraft(chat.draft?.body ?? "");
    if (chat.last_seq >= item.entry.last_seq) item.preview(chat.last_message, this.#me);
    this.#list.prepend(item.element);
    return item;
  }
}
