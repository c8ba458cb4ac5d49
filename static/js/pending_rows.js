/** Shows one's own messages that are still on their way, at the end of the timeline, by client id. */

import { arrange, takeOut } from "./layout.js";
import { MessageRow } from "./message_row.js";

export class PendingRows {
  #list;
  #template;
  #me;
  #store;
  /** @type {Map<string, MessageRow>} */
  #rows = new Map();

  /**
   * @param {HTMLElement} list
   * @param {HTMLTemplateElement} template
   * @param {string} me
   * @param {import("./timeline_store.js").TimelineStore} store the messages that have their number
   */
  constructor(list, template, me, store) {
    this.#list = list;
    this.#template = template;
    this.#me = me;
    this.#store = store;
  }

  elements() {
    return [...this.#rows.values()].map((row) => row.element);
  }

  /**
   * Show a message in its present state, at the end of the list if it is new.
   *
   * @param {OutboxEntry} entry
   */
  show(entry) {
    const row = this.#rows.get(entry.client_id) ?? this.#appended(entry.client_id);
    row.showPending(entry);
    row.element.dataset.sender = this.#me;
    if (entry.reply_to !== null) row.quote(this.#store.get(entry.reply_to));
    arrange(row.element);
  }

  /**
   * The server has it. It comes with its number, or stands in place already, in a part that is shown or not.
   *
   * @param {string} clientId
   * @param {number} seq
   */
  acknowledge(clientId, seq) {
    if (this.#store.awaits(seq)) this.#rows.get(clientId)?.showAcknowledged();
    else this.discard(clientId);
  }

  /** @param {string} clientId */
  discard(clientId) {
    const row = this.take(clientId);
    if (row) takeOut(row.element);
  }

  /**
   * Give out the row, for it is pending no longer.
   *
   * @param {string} clientId
   */
  take(clientId) {
    const row = this.#rows.get(clientId);
    this.#rows.delete(clientId);
    return row;
  }

  /** @param {string} clientId */
  #appended(clientId) {
    const row = MessageRow.from(this.#template);
    this.#rows.set(clientId, row);
    this.#list.append(row.element);
    return row;
  }
}
