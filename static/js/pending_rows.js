/** Holds the rows of messages that are still on their way, by client id. */

import { MessageRow } from "./message_row.js";

export class PendingRows {
  #list;
  #template;
  /** @type {Map<string, MessageRow>} */
  #rows = new Map();

  /**
   * @param {HTMLElement} list
   * @param {HTMLTemplateElement} template
   */
  constructor(list, template) {
    this.#list = list;
    this.#template = template;
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
    return row;
  }

  /**
   * The server has stored it; its number comes with the event.
   *
   * @param {string} clientId
   */
  acknowledge(clientId) {
    this.#rows.get(clientId)?.showAcknowledged();
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
