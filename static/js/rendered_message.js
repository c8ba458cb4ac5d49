/** Reads back a message that the server rendered. */

/**
 * @param {HTMLElement} row
 * @param {string} chat
 * @returns {Message}
 */
export function renderedMessage(row, chat) {
  const { dataset } = row;
  return {
    chat,
    seq: Number(dataset.seq),
    version: Number(dataset.version),
    client_id: dataset.clientId ?? "",
    sender: {
      id: dataset.sender ?? "",
      display_name: text(row, ".message__sender"),
      is_guest: row.querySelector(".message__badge:not([hidden])") !== null,
    },
    body: text(row, ".message__body"),
    created_at: dataset.createdAt ?? "",
    edited_at: dataset.editedAt || null,
    deleted_at: dataset.deletedAt || null,
    reply_to: dataset.replyTo ? Number(dataset.replyTo) : null,
  };
}

/**
 * @param {HTMLElement} row
 * @param {string} selector
 */
function text(row, selector) {
  return row.querySelector(selector)?.textContent ?? "";
}
