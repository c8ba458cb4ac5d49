/** Sets off, in a message's body, the names of those it calls; one's own the strongest. */

/**
 * @param {Element} body as it is shown already, be it text or Markdown
 * @param {Mention[]} mentions
 * @param {string} me
 */
export function markMentions(body, mentions, me) {
  if (mentions.length === 0) return;
  const byText = new Map(mentions.map((mention) => [mention.text, mention]));
  // The longest first: "@ann" stands in "@ann_lee" too.
  const texts = [...byText.keys()].sort((one, other) => other.length - one.length).map(escaped);
  const name = new RegExp(`(?<![\\p{L}\\p{N}_@/])(${texts.join("|")})(?![\\p{L}\\p{N}_])`, "u");
  for (const node of textsIn(body)) {
    const pieces = (node.textContent ?? "").split(name);
    if (pieces.length === 1) continue;
    node.replaceWith(...pieces.map((piece, place) => (place % 2 ? marked(byText.get(piece), piece, me) : piece)));
  }
}

/**
 * Code is shown as it is.
 *
 * @param {Element} body
 * @returns {Text[]}
 */
function textsIn(body) {
  const walker = document.createTreeWalker(body, NodeFilter.SHOW_TEXT);
  const found = [];
  while (walker.nextNode()) {
    const node = /** @type {Text} */ (walker.currentNode);
    if (!node.parentElement?.closest("code, .mention")) found.push(node);
  }
  return found;
}

/**
 * @param {Mention | undefined} mention
 * @param {string} text
 * @param {string} me
 */
function marked(mention, text, me) {
  const span = document.createElement("span");
  const isMine = mention?.user === null || mention?.user === me;
  span.className = isMine ? "mention mention--mine" : "mention";
  span.dataset.user = mention?.user ?? "";
  span.textContent = text;
  return span;
}

/** @param {string} text */
function escaped(text) {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
}
