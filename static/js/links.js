/** Finds web addresses in text. */

// A scheme is demanded: guessing at bare domains makes links of file names, and of "e.g.anything".
const ADDRESS = /\bhttps?:\/\/[^\s<>"'`{}|\\^\u0000-\u001f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]+/giu;
const TRAILING = ".,:;!?…»”’";
const BRACKETS = /** @type {Record<string, string>} */ ({ ")": "(", "]": "[" });

/** @typedef {{ text: string, href?: string }} Piece */

/**
 * Cut a text into pieces; those with an `href` are links. The pieces' texts joined are the text.
 *
 * @param {string} text
 * @returns {Piece[]}
 */
export function pieces(text) {
  /** @type {Piece[]} */
  const found = [];
  let end = 0;
  for (const match of text.matchAll(ADDRESS)) {
    const address = withoutTail(match[0]);
    const href = safeHref(address);
    if (!href) continue;
    if (match.index > end) found.push({ text: text.slice(end, match.index) });
    found.push({ text: address, href });
    end = match.index + address.length;
  }
  if (end < text.length) found.push({ text: text.slice(end) });
  return found;
}

/**
 * The punctuation after an address belongs to the sentence, and so does a bracket that was opened before it.
 * Counted once and cut once: an address may be as long as a message, and all of it brackets.
 *
 * @param {string} address
 */
function withoutTail(address) {
  /** @param {string} closing */
  const surplusOf = (closing) => count(address, closing) - count(address, BRACKETS[closing]);
  const surplus = Object.fromEntries(Object.keys(BRACKETS).map((closing) => [closing, surplusOf(closing)]));
  let end = address.length;
  while (TRAILING.includes(address[end - 1]) || surplus[address[end - 1]] > 0) {
    end -= 1;
    surplus[address[end]] -= 1;
  }
  return address.slice(0, end);
}

/**
 * @param {string} text
 * @param {string} character
 */
function count(text, character) {
  return text.split(character).length - 1;
}

/**
 * The address as the browser reads it, or nothing if it reads something else than a plain web address: `user@host`
 * makes one host look like another.
 *
 * @param {string} address
 */
function safeHref(address) {
  try {
    const url = new URL(address);
    const isWeb = url.protocol === "http:" || url.protocol === "https:";
    return isWeb && !url.username && !url.password ? url.href : undefined;
  } catch {
    return undefined;
  }
}
