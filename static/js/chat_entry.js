/** What the list knows of one chat, and how news change it. */

import { calls } from "./mentions.js";

/**
 * @typedef {object} ChatEntry
 * @property {string} id
 * @property {string} kind
 * @property {string} title
 * @property {string} picture names its content; empty where there is none, and in direct chats
 * @property {number} version
 * @property {number} last_seq
 * @property {number} read_seq
 * @property {number} uncounted of the messages after the read mark, those that are no news
 * @property {number} mentions of the unread messages, those that call this person
 */

/**
 * What the server's numbers leave out after the mark.
 *
 * @param {{ last_seq: number, read_seq: number, unread: number }} numbers
 */
export function uncountedOf({ last_seq, read_seq, unread }) {
  return last_seq - read_seq - unread;
}

/**
 * @param {any} chat as the server lists it
 * @returns {ChatEntry}
 */
export function listed(chat) {
  const { id, kind, title, picture, version, last_seq, read_seq, mentions } = chat;
  return { id, kind, title, picture, version, last_seq, read_seq, uncounted: uncountedOf(chat), mentions };
}

/**
 * How many messages are news.
 *
 * @param {ChatEntry} entry
 */
export function unreadOf(entry) {
  return Math.max(0, entry.last_seq - entry.read_seq - entry.uncounted);
}

/**
 * A message was created or changed. What is not newer is known already.
 *
 * @param {ChatEntry} entry
 * @param {Message} message
 * @param {string} me
 * @returns {ChatEntry}
 */
export function afterMessage(entry, message, me) {
  if (message.version <= entry.version) return entry;
  const isNew = message.seq > entry.last_seq;
  const isOwn = message.sender.id === me && message.kind !== "system";
  const isNoNews = Boolean(message.deleted_at) || message.kind === "system";
  const after = { ...entry, version: message.version, last_seq: Math.max(entry.last_seq, message.seq) };
  // Sending moves one's own mark, on every device.
  if (isNew && isOwn) return { ...after, read_seq: message.seq, uncounted: 0, mentions: 0 };
  if (message.seq <= entry.read_seq || isOwn) return after;
  if (isNoNews) return { ...after, uncounted: after.uncounted + 1 };
  return isNew && calls(message, me) ? { ...after, mentions: after.mentions + 1 } : after;
}

/**
 * Whether only the server knows how many mentions are left: a message changed that had not been read.
 *
 * @param {ChatEntry} entry before the change
 * @param {Message} message
 * @param {string} me
 */
export function isDoubtful(entry, message, me) {
  const isUnread = message.seq > entry.read_seq && message.seq <= entry.last_seq && message.version > entry.version;
  return isUnread && (entry.mentions > 0 || calls(message, me));
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
 * Whether only the server knows what is left to read, or what was said last: messages are gone for good.
 *
 * @param {ChatEntry | undefined} entry of a chat that the list may not show
 * @param {number} below the first message that stays
 */
export function hasLost(entry, below) {
  return entry !== undefined && (below > entry.read_seq + 1 || below > entry.last_seq);
}

/**
 * This person has read on; where something is left after the mark, `unread.changed` says what.
 *
 * @param {ChatEntry} entry
 * @param {number} seq
 * @returns {ChatEntry}
 */
export function afterRead(entry, seq) {
  return seq <= entry.read_seq ? entry : { ...entry, read_seq: seq, uncounted: 0, mentions: 0 };
}

/**
 * @param {ChatEntry} entry
 * @param {any} numbers as `unread.changed` tells them
 * @returns {ChatEntry}
 */
export function afterUnread(entry, numbers) {
  const { last_seq, read_seq, mentions } = numbers;
  const reached = Math.max(entry.last_seq, last_seq);
  return { ...entry, last_seq: reached, read_seq, uncounted: uncountedOf(numbers), mentions };
}

/**
 * Whether the list has to be asked for anew: a chat came, went or moved on while nobody listened.
 *
 * @param {Iterable<ChatEntry>} entries
 * @param {Record<string, number>} heads by chat, all of the person's
 * @param {Record<string, number>} known the heads before: the list leaves out what is archived, or stands further down
 */
export function isStale(entries, heads, known) {
  const shown = new Map([...entries].map((entry) => [entry.id, entry.version]));
  const isNews = (/** @type {string} */ id) => !shown.has(id) && heads[id] !== known[id];
  return [...shown].some(([id, version]) => heads[id] !== version) || Object.keys(heads).some(isNews);
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
