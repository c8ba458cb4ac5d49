/** Makes ids that the server accepts as UUIDs. */

/**
 * A random UUID, version 4.
 *
 * crypto.randomUUID does not exist on plain http except on localhost, and a phone on the same network opens exactly
 * such an address; crypto.getRandomValues exists everywhere.
 *
 * @param {(bytes: Uint8Array) => Uint8Array} [fill]
 * @returns {string}
 */
export function uuid4(fill = (bytes) => crypto.getRandomValues(bytes)) {
  const bytes = fill(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}
