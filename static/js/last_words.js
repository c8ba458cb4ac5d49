/** What a chat's line in the list says: its last words, and before them a draft, where there is one. */

import { say } from "./strings.js";

/**
 * @param {HTMLElement} preview
 * @param {string} text empty: there is no draft, and the last words come back
 */
export function putDraft(preview, text) {
  if (text) preview.dataset.draft = say("draft");
  else delete preview.dataset.draft;
  put(preview, text || (preview.dataset.words ?? ""));
}

/**
 * @param {HTMLElement} preview
 * @param {string} words
 */
export function putWords(preview, words) {
  preview.dataset.words = words;
  if (!preview.dataset.draft) put(preview, words);
}

/**
 * @param {HTMLElement} preview
 * @param {string} text
 */
function put(preview, text) {
  if (preview.textContent !== text) preview.textContent = text;
}
