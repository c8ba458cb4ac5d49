/** Shows a chat's messages in order, and those of one's own that are still on their way after them. */

import { arrange, place, takeOut } from "./layout.js";
import { showPreview } from "./link_preview.js";
import { markMentions } from "./mention_marks.js";
import { showThread } from "./message_thread.js";
import { MessageRow } from "./message_row.js";
import { PendingRows } from "./pending_rows.js";
import { showReactions } from "./reaction_chips.js";
import { renderedMessage } from "./rendered_message.js";
import { TimelineStore } from "./timeline_store.js";

/** @typedef {{ chat: string, me: string, mayModerate: boolean }} Viewpoint */

export class Timeline {
  pending;
  #list;
  #template;
  #view;
  #store;
  /** @type {Map<number, MessageRow>} */
  #rows = new Map();
  #readSeq = 0;

  /**
   * @param {HTMLElement} list with the rows that the server rendered
   * @param {HTMLTemplateElement} template
   * @param {Viewpoint} view
   * @param {TimelineStore} store empty, with the window that the page shows
   */
  constructor(list, template, view, store) {
    this.#list = list;
    this.#template = template;
    this.#view = view;
    this.#store = store;
    this.pending = new PendingRows(list, template, view.me, store);
    list.querySelectorAll(".timeline__day").forEach((separator) => separator.remove());
    for (const element of list.querySelectorAll(".message")) this.#adopt(/** @type {HTMLElement} */ (element));
  }

  /** Take a message that was created or changed. @param {Message} message */
  receive(message) {
    const change = this.#store.receive(message);
    if (change !== "ignored") this.#draw(message);
    return change;
  }

  /** Take a page of earlier messages, or the newest page after `clear`. @param {Message[]} page */
  load(page) {
    for (const message of this.#store.load(page)) this.#draw(message);
  }

  /** Forget all messages but those still on their way. */
  clear() {
    this.#store.clear();
    this.#rows.clear();
    this.#list.replaceChildren(...this.pending.elements());
  }

  /** Take out what is gone for good, and what is quoted of it. @param {number} below the first message that stays */
  forget(below) {
    for (const seq of this.#store.forget(below)) {
      const row = this.#rows.get(seq);
      if (row) takeOut(row.element);
      this.#rows.delete(seq);
    }
    for (const { seq, reply_to } of this.#store.all()) if (reply_to && reply_to < below) this.#rows.get(seq)?.unquote();
  }

  /** @param {number} seq up to which somebody else has read */
  showRead(seq) {
    if (seq <= this.#readSeq) return;
    this.#readSeq = seq;
    for (const [rowSeq, row] of this.#rows) this.#showDelivery(rowSeq, row);
  }

  /** @param {HTMLElement} element */
  #adopt(element) {
    const message = renderedMessage(element, this.#view.chat);
    this.#store.receive(message);
    this.#show(message, new MessageRow(element));
  }

  /** @param {Message} message */
  #draw(message) {
    const shown = this.#rows.get(message.seq);
    // One that is shown stays, with an open menu and the focus in it.
    const row = this.#pendingOf(message) ?? shown ?? MessageRow.from(this.#template);
    if (shown !== row) shown?.element.replaceWith(row.element);
    this.#show(message, row);
  }

  /**
   * @param {Message} message
   * @param {MessageRow} row
   */
  #show(message, row) {
    const isOwn = this.#isOwn(message);
    const isThere = !message.deleted_at && message.kind !== "system";
    this.#rows.set(message.seq, row);
    row.show(message, isOwn);
    const body = row.element.querySelector(".message__body");
    if (body) markMentions(body, message.mentions ?? [], this.#view.me);
    showReactions(row.element, message, this.#view.me);
    const mayPin = isThere && this.#view.mayModerate;
    const [pin, unpin] = [mayPin && !message.pinned_at, mayPin && Boolean(message.pinned_at)];
    const remove = isThere && (isOwn || this.#view.mayModerate);
    row.allow({ reply: isThere, edit: isThere && isOwn && !message.forwarded, remove, pin, unpin });
    showPreview(row.element, message, remove);
    this.#showDelivery(message.seq, row);
    place(this.#list, row.element);
    arrange(row.element);
    this.#answer(message, row);
  }

  /** What one did to the chat is the system's word. @param {Message | undefined} message */
  #isOwn(message) {
    return message?.sender.id === this.#view.me && message?.kind !== "system";
  }

  /** One's own message comes back: its pending row becomes the real one. @param {Message} message */
  #pendingOf(message) {
    return message.sender.id === this.#view.me ? this.pending.take(message.client_id) : undefined;
  }

  /**
   * A reply shows what it answers, in its present state: what is deleted is gone from quotes too. One in a thread says
   * in whose.
   *
   * @param {Message} message
   * @param {MessageRow} row
   */
  #answer(message, row) {
    if (message.reply_to !== null) row.quote(this.#store.get(message.reply_to));
    showThread(row.element, message, this.#store.get(message.thread ?? 0));
    for (const answer of this.#store.answersTo(message.seq)) {
      const shown = this.#rows.get(answer.seq);
      if (answer.reply_to === message.seq) shown?.quote(message);
      if (answer.thread === message.seq && shown) showThread(shown.element, answer, message);
    }
  }

  /** @param {number} seq @param {MessageRow} row */
  #showDelivery(seq, row) {
    const message = this.#store.get(seq);
    if (this.#isOwn(message) && !message?.deleted_at) row.showState(seq <= this.#readSeq ? "read" : "sent");
  }
}
