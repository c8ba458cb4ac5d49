/** Marks what is selected in a text field as Markdown, by the keys that people know. */

const WRAPS = /** @type {Record<string, string>} */ ({ b: "**", i: "_", e: "`", "shift+x": "~~" });

/**
 * What the field holds afterwards, and what is selected in it. Marks that stand there already are taken away.
 *
 * @param {string} text
 * @param {number} start
 * @param {number} end
 * @param {string} mark
 * @returns {{ from: number, to: number, piece: string, start: number, end: number }} the piece that takes the place of
 *   what is between `from` and `to`
 */
export function marked(text, start, end, mark) {
  const selected = text.slice(start, end);
  const { length } = mark;
  const isMarked = text.slice(start - length, start) === mark && text.slice(end, end + length) === mark;
  if (isMarked) {
    return { from: start - length, to: end + length, piece: selected, start: start - length, end: end - length };
  }
  return { from: start, to: end, piece: mark + selected + mark, start: start + length, end: end + length };
}

/** @param {HTMLTextAreaElement} field */
export function formatByKeys(field) {
  field.addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.altKey) return;
    const mark = WRAPS[(event.shiftKey ? "shift+" : "") + event.key.toLowerCase()];
    if (!mark) return;
    event.preventDefault();
    const { from, to, piece, start, end } = marked(field.value, field.selectionStart, field.selectionEnd, mark);
    field.setSelectionRange(from, to);
    insert(field, piece);
    field.setSelectionRange(start, end);
  });
}

/**
 * In place of what is selected, as if it were typed: it can be undone, and everybody hears of it.
 *
 * @param {HTMLTextAreaElement} field
 * @param {string} text
 */
export function insert(field, text) {
  field.focus();
  // Obsolete, and the only way that keeps the browser's undo; where it is gone, the text comes without.
  const isDone = text ? document.execCommand("insertText", false, text) : document.execCommand("delete");
  if (isDone) return;
  field.setRangeText(text, field.selectionStart, field.selectionEnd, "end");
  field.dispatchEvent(new Event("input", { bubbles: true }));
}
