/** Does what the person wants in the open chat: send, edit, delete, reply, try again. */

import { post, put, remove } from "./api.js";
import { CommandError } from "./commands.js";
import { uuid7 } from "./ids.js";
import { confirmed, onMessageAction } from "./message_actions.js";
import { say } from "./strings.js";

export class ChatDeeds {
  #section;
  #parts;
  #connection;
  #outbox;
  #chat;

  /**
   * @param {HTMLElement} section
   * @param {ChatParts} parts
   * @param {import("./page.js").Page} page
   */
  constructor(section, parts, { connection, outbox }) {
    this.#section = section;
    this.#chat = section.dataset.chat ?? "";
    this.#parts = parts;
    this.#connection = connection;
    this.#outbox = outbox;
    const list = /** @type {HTMLElement} */ (section.querySelector(".timeline__list"));
    onMessageAction(list, (action, row) => this.#act(action, row));
    this.#listen("send", ({ body, reply_to, attachments }) => this.#send(body, reply_to, attachments));
    this.#listen("edit", ({ seq, body }) => this.#edit(seq, body));
  }

  /**
   * @param {string} type
   * @param {(detail: any) => void} deed
   */
  #listen(type, deed) {
    this.#parts.composer?.addEventListener(type, (event) => deed(/** @type {CustomEvent} */ (event).detail));
  }

  /**
   * @param {string} body
   * @param {number | null} reply_to
   * @param {Attachment[]} attachments
   */
  async #send(body, reply_to, attachments) {
    const { scroll, typing, thread } = this.#parts;
    const more = { ...(attachments.length > 0 && { attachments }), ...(thread && { thread }) };
    const written = this.#outbox.add({ client_id: uuid7(), chat: this.#chat, body, reply_to, ...more });
    typing.finished();
    scroll.toEnd();
    const later = /** @type {HTMLAnchorElement | null} */ (this.#section.querySelector(".timeline__later"));
    if (!later) return;
    // The page shows a piece of the past: what is written now stands in the present, which finds it in the outbox.
    await written;
    location.assign(later.href);
  }

  /**
   * @param {number} seq
   * @param {string} body
   */
  async #edit(seq, body) {
    const { store, composer } = this.#parts;
    const refusal = await this.#command("message.edit", { seq, body });
    const message = store.get(seq);
    if (!refusal || !message || !composer) return;
    composer.edit({ ...message, body });
    composer.showError(refusal);
  }

  /**
   * @param {import("./message_actions.js").MessageAction} action
   * @param {HTMLElement} row
   */
  #act(action, row) {
    const message = this.#parts.store.get(Number(row.dataset.seq));
    const clientId = row.dataset.clientId ?? "";
    if (action === "reply" && message) this.#parts.composer?.reply(message);
    if (action === "edit" && message) this.#parts.composer?.edit(message);
    if (action === "delete" && message) this.#delete(message.seq);
    if (action === "unread" && message) this.#markUnread(message.seq);
    if (action === "pin" && message) this.#asked(put(`/api/chats/${this.#chat}/messages/${message.seq}/pin`));
    if (action === "unpin" && message) this.#asked(remove(`/api/chats/${this.#chat}/messages/${message.seq}/pin`));
    if (action === "remove-preview" && message) this.#removePreview(message.seq);
    if (action === "retry") this.#outbox.retry(clientId);
    if (action === "discard") this.#discard(clientId);
  }

  /** What waits for approval, or was not approved, goes from the server too. @param {string} clientId */
  async #discard(clientId) {
    const held = this.#outbox.get(clientId)?.held;
    if (!held || (await this.#asked(dropHeld(this.#chat, held)))) this.#outbox.discard(clientId);
  }

  /** @param {number} seq */
  #removePreview(seq) {
    this.#asked(remove(`/api/chats/${this.#chat}/messages/${seq}/link-preview`));
  }

  /** The list says what is unread; staying here would read it. @param {number} seq */
  async #markUnread(seq) {
    if (await this.#asked(post(`/api/chats/${this.#chat}/unread`, { seq }))) location.assign("/chats");
  }

  /** @param {Promise<unknown>} deed @returns {Promise<boolean>} whether it was done; if not, it is said why */
  async #asked(deed) {
    try {
      await deed;
      return true;
    } catch (error) {
      this.#parts.composer?.showError(/** @type {Error} */ (error).message || say("error.offline"));
      return false;
    }
  }

  /** @param {number} seq */
  async #delete(seq) {
    const dialog = /** @type {HTMLDialogElement | null} */ (document.querySelector('[data-dialog="delete"]'));
    if (!(await confirmed(dialog, "delete"))) return;
    this.#parts.composer?.showError(await this.#command("message.delete", { seq }));
  }

  /**
   * @param {string} type
   * @param {object} fields
   * @returns {Promise<string>} why it was refused, in words; empty when it was done
   */
  async #command(type, fields) {
    try {
      await this.#connection.command(type, { chat: this.#chat, ...fields });
      return "";
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      return error.sentence || say(`error.${error.code}`);
    }
  }
}

/**
 * @param {string} chat
 * @param {string} held
 */
async function dropHeld(chat, held) {
  await remove(`/api/chats/${chat}/held/${held}`).catch((error) => {
    if (error.status !== 404) throw error; // gone already
  });
}
