/** Reads back a message that the server rendered. */

import { renderedPreview } from "./link_preview.js";
import { renderedThread } from "./message_thread.js";
import { renderedReactions } from "./reaction_chips.js";

/**
 * @param {HTMLElement} row
 * @param {string} chat
 * @returns {Message}
 */
export function renderedMessage(row, chat) {
  const { dataset } = row;
  const { source } = /** @type {HTMLElement} */ (row.querySelector(".message__body")).dataset;
  return {
    chat,
    seq: Number(dataset.seq),
    version: Number(dataset.version),
    client_id: dataset.clientId ?? "",
    sender: {
      id: dataset.sender ?? "",
      display_name: text(row, dataset.shownAs ? ".message__via bdi" : ".message__sender"),
      is_guest: row.querySelector(".message__badge:not([hidden])") !== null,
      picture: null, // the timeline shows none
      ...(row.querySelector(".message__bot:not([hidden])") && { is_bot: /** @type {const} */ (true) }),
    },
    // As typed; where that is Markdown, the row shows what it looks like already.
    body: source ?? text(row, ".message__body"),
    ...(row.classList.contains("message--pinned") && { pinned_at: "pinned" }),
    kind: row.classList.contains("message--system") ? "system" : "text",
    attachments: Array.from(row.querySelectorAll(".message__files > .file"), renderedFile),
    created_at: dataset.createdAt ?? "",
    edited_at: dataset.editedAt || null,
    deleted_at: dataset.deletedAt || null,
    ...("deletedByStaff" in dataset && { deleted_by_staff: /** @type {const} */ (true) }),
    mentions: [...row.querySelectorAll(".message__body .mention")].map((span) => ({
      user: /** @type {HTMLElement} */ (span).dataset.user || null,
      text: span.textContent ?? "",
    })),
    reply_to: dataset.replyTo ? Number(dataset.replyTo) : null,
    reactions: renderedReactions(row),
    ...(dataset.shownAs && { shown_as: dataset.shownAs }),
    ...renderedThread(row),
    ...renderedPreview(row),
    ...(source !== undefined && { preview: text(row, ".message__body").trim() }),
  };
}

/**
 * @param {HTMLElement} row
 * @param {string} selector
 */
function text(row, selector) {
  return row.querySelector(selector)?.textContent ?? "";
}

/**
 * What the row needs to be told apart from a newer one; the element itself stays as the server made it.
 *
 * @param {Element} element
 * @returns {Attachment}
 */
function renderedFile(element) {
  const file = /** @type {HTMLElement} */ (element);
  const kinds = /** @type {const} */ (["image", "audio"]);
  return {
    id: file.dataset.file ?? "",
    name: text(file, ".file__name"),
    kind: kinds.find((kind) => file.classList.contains(`file--${kind}`)) ?? "file",
    content_type: "",
    size: 0,
    width: null,
    height: null,
    animated: false,
    placeholder: "",
    duration_ms: file.dataset.voice === undefined ? null : 0,
  };
}
