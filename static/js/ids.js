/** Makes ids that the server accepts as UUIDs. */

/**
 * A UUID of version 7 (RFC 9562): the time in milliseconds, then 74 random bits. So the server's index of what a person
 * has sent grows at one end, however long a chat's history is.
 *
 * crypto.randomUUID does not exist on plain http except on localhost, and a phone on the same network opens exactly
 * such an address; crypto.getRandomValues exists everywhere.
 *
 * @param {(bytes: Uint8Array) => Uint8Array} [fill]
 * @param {number} [now] milliseconds since 1970
 * @returns {string}
 */
export function uuid7(fill = (bytes) => crypto.getRandomValues(bytes), now = Date.now()) {
  const bytes = fill(new Uint8Array(16));
  for (let place = 5, rest = now; place >= 0; place--, rest = Math.floor(rest / 256)) bytes[place] = rest % 256;
  bytes[6] = (bytes[6] & 0x0f) | 0x70;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}
