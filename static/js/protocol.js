/** Turns socket frames into items and close codes into decisions. */

export const SUBPROTOCOL = "abdre.v1";
export const SIGNED_OUT = 4501;

/** Close codes that mean more than "come back": the key of the sentence shown to the person. */
const REASONS = /** @type {Record<number, string>} */ ({
  [SIGNED_OUT]: "signed_out",
  4503: "banned",
  4504: "session_ended",
});

/**
 * The items of one server frame. A frame that is no array of typed items is worth nothing and ends nothing.
 *
 * @param {unknown} text
 * @returns {WireItem[]}
 */
export function parseFrame(text) {
  if (typeof text !== "string") return [];
  try {
    const items = JSON.parse(text);
    return Array.isArray(items) ? items.filter((item) => typeof item?.type === "string") : [];
  } catch {
    return [];
  }
}

/**
 * What a close code asks of the client: 4500–4999 stay away until something changes, all others come back.
 *
 * @param {number} code
 * @returns {{ comesBack: boolean, reason: string }}
 */
export function afterClose(code) {
  const staysAway = code >= 4500 && code <= 4999;
  return { comesBack: !staysAway, reason: REASONS[code] ?? (staysAway ? "stopped" : "offline") };
}

/**
 * The socket's address on this page's own origin.
 *
 * @param {{ protocol: string, host: string }} place
 */
export function socketUrl(place) {
  return `${place.protocol === "https:" ? "wss:" : "ws:"}//${place.host}/ws`;
}
