/** Which press of a key sends what was written. */

/**
 * Enter; where the person wants new lines of it, Enter with Ctrl or Command.
 *
 * @param {KeyboardEvent} event
 */
export function sends({ key, keyCode, isComposing, shiftKey, ctrlKey, metaKey }) {
  // While an input method composes (kana, pinyin, accents), Enter chooses a word; 229 is how Safari says it.
  if (isComposing || keyCode === 229) return false;
  const isMeant = "enterBreaks" in document.body.dataset ? ctrlKey || metaKey : !shiftKey;
  return key === "Enter" && isMeant;
}
