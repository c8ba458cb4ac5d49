/** Which press of a key sends what was written. */

/**
 * Enter; where the person wants new lines of it, Enter with Ctrl or Command.
 *
 * @param {KeyboardEvent} event
 */
export function sends({ key, shiftKey, ctrlKey, metaKey }) {
  const isMeant = "enterBreaks" in document.body.dataset ? ctrlKey || metaKey : !shiftKey;
  return key === "Enter" && isMeant;
}
