/** Sends the outbox: in each chat one message at a time, so that order holds, and again until it is acknowledged. */

import { nextDelayMs } from "./backoff.js";
import { CommandError } from "./commands.js";
import { inTurn } from "./turns.js";

const LONGEST_WAIT_S = 60;

export class Sender {
  #outbox;
  #connection;
  #inTurn;
  /** The chats that are being seen to. @type {Set<string>} */
  #busy = new Set();
  #failures = 0;

  /**
   * @param {{ outbox: import("./outbox.js").Outbox, turns?: typeof inTurn,
   *   connection: Pick<import("./connection.js").Connection, "command" | "isOnline"> }} options
   */
  constructor({ outbox, connection, turns = inTurn }) {
    this.#outbox = outbox;
    this.#connection = connection;
    this.#inTurn = turns;
  }

  /** Send what waits. Called when something was written and whenever the connection is back. */
  flush() {
    if (!this.#connection.isOnline) return;
    for (const chat of this.#outbox.chats()) this.#flush(chat);
  }

  /** What has become of those that waited for approval: said once more, each is answered. Called when it is back. */
  askAgain() {
    for (const entry of this.#outbox.entries()) if (entry.held && !entry.refusal) this.#send(entry);
  }

  /** @param {string} chat */
  #flush(chat) {
    if (this.#busy.has(chat)) return;
    this.#busy.add(chat);
    this.#inTurn(`abdre.outbox.${chat}`, () => this.#sendAll(chat));
  }

  /** @param {string} chat */
  async #sendAll(chat) {
    try {
      for (let entry = this.#next(chat); entry; entry = this.#next(chat)) await this.#send(entry);
    } finally {
      // At once, and not when the turn is given back: what is written in between must find somebody to send it.
      this.#busy.delete(chat);
    }
  }

  /** @param {string} chat */
  #next(chat) {
    return this.#connection.isOnline ? this.#outbox.next(chat) : undefined;
  }

  /** @param {OutboxEntry} entry */
  async #send(entry) {
    const { chat, client_id, body, reply_to, attachments, thread } = entry;
    const files = attachments && { attachments: attachments.map((file) => file.id) };
    const place = { ...(reply_to !== null && { reply_to }), ...(thread && { thread }) };
    const fields = { chat, client_id, body, ...place, ...files };
    try {
      const ack = await this.#connection.command("message.send", fields);
      this.#failures = 0;
      if (ack.held) this.#outbox.hold(entry, ack.held.id);
      else this.#outbox.settle(client_id, ack.seq);
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      // A chat in slow mode may want an hour: that is a refusal, to be seen, and not a wait.
      if (error.isPassing && error.retryAfterS <= LONGEST_WAIT_S) await this.#pause(error);
      else this.#outbox.refuse(client_id, error.sentence);
    }
  }

  /** @param {CommandError} error */
  #pause(error) {
    // Offline needs no pause: the loop ends, and the next connection starts it again.
    if (!this.#connection.isOnline) return Promise.resolve();
    const delayMs = error.retryAfterS * 1000 + nextDelayMs(this.#failures++);
    return new Promise((resolve) => setTimeout(resolve, delayMs));
  }
}
