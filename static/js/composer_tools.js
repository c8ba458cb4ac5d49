/** Helps in writing: emoji, and keys that mark text as Markdown. */

import { formatByKeys, insert } from "./formatting.js";
import { patiently } from "./patience.js";

/**
 * @param {HTMLFormElement} form
 * @param {import("./kept.js").Kept} kept
 */
export function startTools(form, kept) {
  const field = /** @type {HTMLTextAreaElement} */ (form.elements.namedItem("body"));
  const opener = /** @type {HTMLElement} */ (form.querySelector('[data-action="emoji"]'));
  formatByKeys(field);
  opener.hidden = false;
  opener.addEventListener("click", async () => {
    const { pickEmoji } = await patiently(() => import("./emoji_picker.js"));
    const emoji = await pickEmoji(kept, field);
    if (emoji) insert(field, emoji);
  });
}
