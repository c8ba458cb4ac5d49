/** Shows one message in one `<li class="message">`, whether the server rendered it or this page made it. */

import { showText } from "./linkify.js";
import { showAuthor } from "./message_author.js";
import { showFiles } from "./message_files.js";
import { showBody } from "./rich_text.js";
import { showQuote } from "./said.js";
import { say } from "./strings.js";
import { clockTime } from "./time.js";

/** @typedef {"pending" | "held" | "sent" | "read" | "failed"} DeliveryState */

export class MessageRow {
  element;

  /** @param {HTMLElement} element */
  constructor(element) {
    this.element = element;
  }

  /** @param {HTMLTemplateElement} template */
  static from(template) {
    const element = /** @type {HTMLElement} */ (template.content.firstElementChild);
    return new MessageRow(/** @type {HTMLElement} */ (document.importNode(element, true)));
  }

  /** 0 while the server has not numbered it. */
  get seq() {
    return Number(this.element.dataset.seq || 0);
  }

  /**
   * @param {Message} message
   * @param {boolean} isOwn
   */
  show(message, isOwn) {
    const { dataset, classList } = this.element;
    this.element.id = `m-${message.client_id}`;
    dataset.seq = String(message.seq);
    dataset.version = String(message.version);
    dataset.clientId = message.client_id;
    dataset.sender = message.kind === "system" ? "" : message.sender.id;
    classList.toggle("message--system", message.kind === "system");
    classList.toggle("message--pinned", Boolean(message.pinned_at));
    dataset.createdAt = message.created_at;
    dataset.replyTo = String(message.reply_to ?? "");
    classList.toggle("message--own", isOwn);
    classList.toggle("message--deleted", Boolean(message.deleted_at));
    classList.remove("message--pending", "message--failed");
    showAuthor(this.element, message);
    showFiles(this.#part(".message__files"), message.deleted_at ? [] : message.attachments, message.chat);
    showBody(this.#part(".message__body"), message);
    this.showTime(message.created_at);
    this.#toggle(".message__edited", Boolean(message.edited_at) && !message.deleted_at);
    this.#offer("retry discard", false);
  }

  /** The server has it; it is shown as sent until it comes back with its number. */
  showAcknowledged() {
    this.element.classList.remove("message--pending", "message--failed");
    this.showState("sent");
  }

  /** @param {OutboxEntry} entry */
  showPending(entry) {
    this.element.id = `m-${entry.client_id}`;
    this.element.dataset.clientId = entry.client_id;
    this.element.dataset.createdAt = entry.created_at;
    this.element.classList.add("message--own");
    this.element.classList.toggle("message--pending", entry.refusal === undefined);
    this.element.classList.toggle("message--failed", entry.refusal !== undefined);
    showFiles(this.#part(".message__files"), entry.attachments ?? [], entry.chat);
    showText(this.#part(".message__body"), entry.body);
    this.showTime(entry.created_at);
    this.#toggle(".message__menu", false);
    this.#offer("retry", entry.refusal !== undefined && !entry.held);
    this.#offer("discard", entry.refusal !== undefined || Boolean(entry.held));
    this.showState(entry.refusal !== undefined ? "failed" : entry.held ? "held" : "pending", entry.refusal);
  }

  /**
   * @param {DeliveryState} state
   * @param {string} [sentence] instead of the state's own word
   */
  showState(state, sentence) {
    const part = this.#part(".message__state");
    if (part.dataset.state === state && !sentence) return;
    part.dataset.state = state;
    part.textContent = sentence || say(`state.${state}`);
  }

  /** @param {string} createdAt */
  showTime(createdAt) {
    const time = /** @type {HTMLTimeElement} */ (this.#part(".message__meta time"));
    time.dateTime = createdAt;
    time.textContent = clockTime(createdAt);
  }

  /**
   * Which deeds this person may do with the message.
   *
   * @param {{ reply: boolean, edit: boolean, remove: boolean, pin: boolean, unpin: boolean }} rights
   */
  allow({ reply, edit, remove, pin, unpin }) {
    this.#toggle(".message__menu", reply || edit || remove);
    this.#offer("reply", reply);
    this.#offer("edit", edit);
    this.#offer("pin", pin);
    this.#offer("unpin", unpin);
    this.#offer("delete", remove);
  }

  /** @param {Message | undefined} quoted the message that this one replies to, as far as it is known */
  quote(quoted) {
    if (quoted) showQuote(this.element, quoted);
  }

  /** What it replies to is gone. */
  unquote() {
    this.#part(".message__quote").hidden = true;
  }

  /**
   * @param {string} actions
   * @param {boolean} isOffered
   */
  #offer(actions, isOffered) {
    for (const action of actions.split(" ")) this.#toggle(`[data-action="${action}"]`, isOffered);
  }

  /** @param {string} selector @param {boolean} isShown */
  #toggle(selector, isShown) {
    for (const part of this.element.querySelectorAll(selector)) /** @type {HTMLElement} */ (part).hidden = !isShown;
  }

  /** @param {string} selector */
  #part(selector) {
    // A missing part is written into nowhere: the message is still readable without it.
    return /** @type {HTMLElement} */ (this.element.querySelector(selector) ?? document.createElement("time"));
  }
}
