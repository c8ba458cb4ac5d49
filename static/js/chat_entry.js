/** What the list knows of one chat, and how news change it. */

/**
 * @typedef {object} ChatEntry
 * @property {string} id
 * @property {string} kind
 * @property {string} title
 * @property {number} version
 * @property {number} last_seq
 * @property {number} read_seq
 */

/**
 * How many messages stand after the read mark.
 *
 * @param {ChatEntry} entry
 */
export function unreadOf(entry) {
  return Math.max(0, entry.last_seq - entry.read_seq);
}

/**
 * Sending moves one's own mark, on every device.
 *
 * @param {ChatEntry} entry
 * @param {Message} message
 * @param {string} me
 * @returns {ChatEntry}
 */
export function afterMessage(entry, message, me) {
  const isOwn = message.sender.id === me;
  return {
    ...entry,
    version: Math.max(entry.version, message.version),
    last_seq: Math.max(entry.last_seq, message.seq),
    read_seq: Math.max(entry.read_seq, isOwn ? message.seq : 0),
  };
}

/**
 * Something else changed in the chat: its people, its name.
 *
 * @param {ChatEntry} entry
 * @param {number} version
 * @returns {ChatEntry}
 */
export function afterChange(entry, version) {
  return { ...entry, version: Math.max(entry.version, version) };
}

/**
 * @param {ChatEntry} entry
 * @param {number} seq
 * @returns {ChatEntry}
 */
export function afterRead(entry, seq) {
  return { ...entry, read_seq: Math.max(entry.read_seq, seq) };
}

/**
 * A fetched state joined with the known one: what happened while it was under way is not undone.
 *
 * @param {ChatEntry | undefined} known
 * @param {ChatEntry} fetched
 * @returns {ChatEntry}
 */
export function merged(known, fetched) {
  return {
    ...fetched,
    version: Math.max(fetched.version, known?.version || 0),
    last_seq: Math.max(fetched.last_seq, known?.last_seq || 0),
    read_seq: Math.max(fetched.read_seq, known?.read_seq || 0),
  };
}

/**
 * Whether the list has to be asked for anew: a chat came, went or moved on while nobody listened.
 *
 * @param {Iterable<ChatEntry>} entries
 * @param {Record<string, number>} heads by chat, all of the person's
 */
export function isStale(entries, heads) {
  const shown = [...entries];
  return shown.length !== Object.keys(heads).length || shown.some((entry) => heads[entry.id] !== entry.version);
}

/**
 * Whether a chat moved on without the list hearing of it.
 *
 * @param {Iterable<ChatEntry>} entries
 * @param {Record<string, number>} heads by chat, some of the person's
 */
export function isBehind(entries, heads) {
  return [...entries].some((entry) => entry.version < (heads[entry.id] ?? 0));
}
