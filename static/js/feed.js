/** Gives each followed chat's events to its listener without losing any: finds gaps and resumes. */

import { nextDelayMs } from "./backoff.js";
import { Cursor } from "./cursor.js";

/**
 * @typedef {object} FeedListener
 * @property {(item: WireItem) => void} item an event of the chat
 * @property {() => void} reset too much has happened: forget what is shown and load it again
 * @property {() => void} caughtUp everything that happened while away has arrived
 * @property {() => void} gone the chat is no longer one of this person's chats
 */

/** @typedef {{ cursor: Cursor, listener: FeedListener }} Followed */

export class Feed {
  #connection;
  /** @type {Map<string, Followed>} */
  #followed = new Map();
  #isResuming = false;
  #failures = 0;

  /** @param {import("./connection.js").Connection} connection */
  constructor(connection) {
    this.#connection = connection;
    connection.addEventListener("item", (event) => this.#receive(/** @type {CustomEvent} */ (event).detail));
  }

  /**
   * @param {string} chat
   * @param {number} version what is already shown
   * @param {FeedListener} listener
   */
  follow(chat, version, listener) {
    this.#followed.set(chat, { cursor: new Cursor(version), listener });
  }

  /** @param {string} chat */
  versionOf(chat) {
    return this.#followed.get(chat)?.cursor.version ?? 0;
  }

  /** @param {WireItem} item */
  #receive(item) {
    if (item.type === "hello") this.#compare(item.chats);
    else if (item.type === "heads") this.#resume(this.#chatsWhere(item.chats, (head, seen) => head > seen));
    const followed = this.#followed.get(item.chat);
    if (followed) this.#deliver(item, followed);
  }

  /**
   * After a welcome: the heads tell which chats moved on meanwhile, and which ones are gone.
   *
   * @param {Record<string, number>} heads
   */
  #compare(heads) {
    this.#isResuming = false;
    for (const [chat, { listener }] of this.#followed) if (!(chat in heads)) listener.gone();
    for (const chat of this.#chatsWhere(heads, (head, seen) => head === seen)) {
      this.#followed.get(chat)?.listener.caughtUp();
    }
    // A head below what is shown means that the server lost its newest rows: the resume answers with a reset.
    this.#resume(this.#chatsWhere(heads, (head, seen) => head !== seen));
  }

  /**
   * @param {WireItem} item
   * @param {Followed} followed
   */
  #deliver(item, { cursor, listener }) {
    if (item.type === "reset") {
      cursor.settle(item.version);
      return listener.reset();
    }
    if (item.type === "chat.stale") cursor.miss(item.version);
    else {
      listener.item(item);
      if (typeof item.version === "number") cursor.see(item.version);
    }
    if (cursor.hasGap) this.#resume([item.chat]);
  }

  /**
   * @param {Record<string, number>} heads
   * @param {(head: number, seen: number) => boolean} wanted
   */
  #chatsWhere(heads, wanted) {
    return [...this.#followed.keys()].filter((chat) => chat in heads && wanted(heads[chat], this.versionOf(chat)));
  }

  /** @param {string[]} chats */
  async #resume(chats) {
    if (this.#isResuming || chats.length === 0) return;
    this.#isResuming = true;
    try {
      const ack = await this.#connection.command("resume", { chats: this.#versionsOf(chats) });
      this.#isResuming = false;
      this.#failures = 0;
      this.#settle(ack.chats ?? {});
    } catch {
      this.#isResuming = false;
      // Offline: the next hello compares again. Refused or unanswered: ask again, but calmly.
      if (this.#connection.isOnline) setTimeout(() => this.#resume(chats), 500 + nextDelayMs(this.#failures++));
    }
  }

  /** @param {Record<string, number>} heads */
  #settle(heads) {
    for (const [chat, version] of Object.entries(heads)) {
      const followed = this.#followed.get(chat);
      followed?.cursor.settle(version);
      followed?.listener.caughtUp();
    }
    this.#resume([...this.#followed].filter(([, { cursor }]) => cursor.hasGap).map(([chat]) => chat));
  }

  /** @param {string[]} chats */
  #versionsOf(chats) {
    return Object.fromEntries(chats.map((chat) => [chat, this.versionOf(chat)]));
  }
}
