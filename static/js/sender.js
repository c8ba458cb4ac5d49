/** Sends the outbox over the connection: one at a time, so that order holds, and again until it is acknowledged. */

import { nextDelayMs } from "./backoff.js";
import { CommandError } from "./commands.js";

export class Sender extends EventTarget {
  #chat;
  #outbox;
  #connection;
  #isBusy = false;
  #failures = 0;

  /**
   * Dispatches `sent` (detail: entry, ack) and `refused` (detail: entry).
   *
   * @param {{ chat: string, outbox: import("./outbox.js").Outbox,
   *   connection: Pick<import("./connection.js").Connection, "command" | "isOnline"> }} options
   */
  constructor({ chat, outbox, connection }) {
    super();
    this.#chat = chat;
    this.#outbox = outbox;
    this.#connection = connection;
  }

  /** Send what waits. Called when something was written and whenever the connection is back. */
  async flush() {
    if (this.#isBusy) return;
    this.#isBusy = true;
    try {
      for (let entry = this.#outbox.next(); entry && this.#connection.isOnline; entry = this.#outbox.next()) {
        await this.#send(entry);
      }
    } finally {
      this.#isBusy = false;
    }
  }

  /** @param {OutboxEntry} entry */
  async #send(entry) {
    const { client_id, body, reply_to } = entry;
    const fields = { chat: this.#chat, client_id, body, ...(reply_to !== null && { reply_to }) };
    try {
      const ack = await this.#connection.command("message.send", fields);
      this.#failures = 0;
      this.#outbox.remove(client_id);
      this.#report("sent", { entry, ack });
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      if (error.isPassing) await this.#pause(error);
      else this.#refused(entry, error);
    }
  }

  /**
   * @param {OutboxEntry} entry
   * @param {CommandError} error
   */
  #refused(entry, error) {
    this.#outbox.refuse(entry.client_id, error.sentence);
    this.#report("refused", { entry: this.#outbox.get(entry.client_id) });
  }

  /** @param {CommandError} error */
  #pause(error) {
    // Offline needs no pause: the loop ends, and the next connection starts it again.
    if (!this.#connection.isOnline) return Promise.resolve();
    const delayMs = Math.max(error.retryAfterS * 1000, nextDelayMs(this.#failures++));
    return new Promise((resolve) => setTimeout(resolve, delayMs));
  }

  /**
   * @param {string} type
   * @param {object} detail
   */
  #report(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}
