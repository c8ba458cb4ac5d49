/** Shows above the composer which message is answered or changed. */

import { said } from "./said.js";
import { say } from "./strings.js";

/**
 * @param {HTMLElement} form
 * @param {ComposerContext | null} context
 */
export function showContext(form, context) {
  const bar = /** @type {HTMLElement} */ (form.querySelector(".composer__context"));
  const quote = /** @type {HTMLElement} */ (form.querySelector(".composer__quote"));
  bar.hidden = context === null;
  quote.textContent = context ? contextText(context) : "";
}

/** @param {ComposerContext} context */
function contextText({ kind, message }) {
  return say(`composer.${kind}`, { name: message.sender.display_name, text: said(message) });
}

/** @param {ComposerContext | null} context @returns {number | null} the seq of the message that is replied to */
export function answered(context) {
  return context?.kind === "reply" ? context.message.seq : null;
}
