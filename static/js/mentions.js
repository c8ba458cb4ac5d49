/** Whom a message calls by name, and whom somebody who is typing one may mean. */

const MOST = 6;

/** @typedef {{ word: string, name: string }} Callable `word` is what the message says after the @ */

/**
 * @param {Message} message
 * @param {string} me
 */
export function calls(message, me) {
  return message.sender.id !== me && (message.mentions ?? []).some(({ user }) => user === null || user === me);
}

/**
 * What stands between a "@" and the caret; null where no name is being typed. An address (ada@house) is none.
 *
 * @param {string} text
 * @param {number} caret
 */
export function typedName(text, caret) {
  const found = /(?:^|[^\p{L}\p{N}_@/])@([^\s@]{0,60})$/u.exec(text.slice(0, caret));
  return found ? { start: caret - found[1].length, query: found[1] } : null;
}

/**
 * By which word a message calls somebody: the user name, or else the shown name as one word.
 *
 * @param {Membership} member
 */
export function callable({ user, username }) {
  return { word: username || user.display_name.trim().split(/\s+/).join("_"), name: user.display_name };
}

/**
 * Those whose user name, or a word of whose name, begins so.
 *
 * @param {Callable[]} people
 * @param {string} query
 */
export function matching(people, query) {
  const wanted = folded(query);
  const namesOf = (/** @type {Callable} */ { word, name }) => [word, ...name.split(/\s+/)];
  return people.filter((person) => namesOf(person).some((part) => folded(part).startsWith(wanted))).slice(0, MOST);
}

/** @param {string} text */
function folded(text) {
  return text.normalize("NFKC").toLowerCase();
}
