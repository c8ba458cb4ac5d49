/** Writes text into an element with its web addresses as links. */

import { pieces } from "./links.js";

/**
 * @param {Element} element
 * @param {string} text
 */
export function showText(element, text) {
  element.replaceChildren(...pieces(text).map((piece) => (piece.href ? link(piece.href, piece.text) : piece.text)));
}

/**
 * @param {string} href
 * @param {string} text
 */
function link(href, text) {
  const anchor = document.createElement("a");
  anchor.href = href;
  anchor.textContent = text;
  anchor.target = "_blank";
  // The other site learns nothing of this chat and gets no hold on its window.
  anchor.rel = "noopener noreferrer nofollow";
  return anchor;
}
