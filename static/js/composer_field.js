/** How the composer's text field grows, and which keys send what is in it. */

/**
 * Grow with the text, as far as the style sheet lets it, where the browser does not do so by itself.
 *
 * @param {HTMLTextAreaElement} field
 */
export function grow(field) {
  if (CSS.supports("field-sizing", "content")) return;
  field.style.blockSize = "auto";
  field.style.blockSize = `${field.scrollHeight + 2}px`;
}

/**
 * Enter, unless the person wants lines of it: then with Ctrl or Command.
 *
 * @param {KeyboardEvent} event
 */
export function sends({ shiftKey, ctrlKey, metaKey }) {
  return "enterBreaks" in document.body.dataset ? ctrlKey || metaKey : !shiftKey;
}
