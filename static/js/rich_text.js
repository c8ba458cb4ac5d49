/** Shows a message's body: as text, or as what its Markdown looks like. */

import { showText } from "./linkify.js";
import { say } from "./strings.js";
import { systemWords } from "./system_words.js";

// What the server renders, and nothing else, whatever it sends: the HTML is read into a document of its own, where
// nothing runs or loads, and copied element by element. What is not known here stays as its text.
/** @type {Record<string, string[]>} */
const KNOWN = {
  P: [], BR: [], STRONG: [], EM: [], S: [], CODE: ["tabindex"], UL: [], OL: ["start"], LI: [], BLOCKQUOTE: [],
  PRE: ["data-language"], A: [],
};
const SCHEMES = ["http:", "https:", "mailto:"];

/**
 * @param {HTMLElement} element
 * @param {Message} message
 */
export function showBody(element, message) {
  const { body, html, deleted_at, deleted_by_staff, kind } = message;
  // As the server rendered the row, or as it was shown before something else of it changed.
  const isThere = !deleted_at && element.dataset.source === body;
  element.classList.toggle("message__body--rich", isThere || Boolean(html && !deleted_at));
  if (isThere) return offerCopies(element);
  delete element.dataset.source;
  if (deleted_at) element.textContent = say(deleted_by_staff ? "message.deleted_by_staff" : "message.deleted");
  else if (kind === "system") element.textContent = systemWords(message);
  else if (html) showRich(element, html, body);
  else showText(element, body);
}

/**
 * @param {HTMLElement} element
 * @param {string} html
 * @param {string} source
 */
function showRich(element, html, source) {
  element.dataset.source = source;
  element.replaceChildren(...copies(new DOMParser().parseFromString(html, "text/html").body));
  offerCopies(element);
}

/**
 * @param {Node} parent
 * @returns {Node[]}
 */
function copies(parent) {
  return [...parent.childNodes].flatMap((node) => {
    if (node.nodeType === Node.TEXT_NODE) return [document.createTextNode(node.textContent ?? "")];
    return node.nodeType === Node.ELEMENT_NODE ? copy(/** @type {Element} */ (node)) : [];
  });
}

/**
 * @param {Element} original
 * @returns {Node[]}
 */
function copy(original) {
  const attributes = KNOWN[original.tagName];
  if (!attributes) return copies(original);
  const element = document.createElement(original.tagName);
  for (const name of attributes) {
    const value = original.getAttribute(name);
    if (value !== null) element.setAttribute(name, value);
  }
  if (element instanceof HTMLAnchorElement) lead(element, original.getAttribute("href") ?? "");
  element.append(...copies(original));
  return [element];
}

/**
 * @param {HTMLAnchorElement} link
 * @param {string} href
 */
function lead(link, href) {
  if (!URL.canParse(href) || !SCHEMES.includes(new URL(href).protocol)) return;
  link.href = href;
  link.target = "_blank";
  // The other site learns nothing of this chat and gets no hold on its window.
  link.rel = "noopener noreferrer nofollow";
}

/**
 * Blocks of code can be copied whole. The button has no text: it is not part of what was said.
 *
 * @param {Element} element
 */
function offerCopies(element) {
  for (const block of element.querySelectorAll("pre:not(:has(> button))")) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "code-copy";
    button.dataset.action = "copy-code";
    button.setAttribute("aria-label", say("code.copy"));
    block.append(button);
  }
}
