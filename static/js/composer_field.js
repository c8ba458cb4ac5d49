/** Lets the composer grow with its text. */

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
