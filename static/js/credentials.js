/** Passkeys between the server, which speaks JSON with base64url, and the browser, which wants and gives bytes. */

/** @param {string} text base64url */
export function toBytes(text) {
  const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(binary, (character) => character.charCodeAt(0));
}

/** @param {ArrayBuffer | Uint8Array} bytes */
export function toText(bytes) {
  const binary = Array.from(new Uint8Array(bytes), (byte) => String.fromCharCode(byte)).join("");
  return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

/**
 * What `navigator.credentials` takes, of what the server says. Browsers can do it themselves (`parse…OptionsFromJSON`)
 * only since 2024 and 2025.
 *
 * @param {{ publicKey: any }} said
 */
export function optionsOf({ publicKey }) {
  const { user, excludeCredentials } = publicKey;
  return {
    publicKey: {
      ...publicKey,
      challenge: toBytes(publicKey.challenge),
      ...(user && { user: { ...user, id: toBytes(user.id) } }),
      ...(excludeCredentials && { excludeCredentials: excludeCredentials.map(withBytes) }),
    },
  };
}

/** @param {{ id: string }} descriptor */
function withBytes(descriptor) {
  return { ...descriptor, id: toBytes(descriptor.id) };
}

const PARTS = ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"];

/**
 * What the server takes, of what the browser gives.
 *
 * @param {any} credential a PublicKeyCredential
 */
export function jsonOf(credential) {
  const parts = PARTS.filter((name) => credential.response[name]);
  const response = Object.fromEntries(parts.map((name) => [name, toText(credential.response[name])]));
  return { id: credential.id, rawId: toText(credential.rawId), type: credential.type, response };
}

/**
 * Why passkeys cannot be used on a page; empty where they can.
 *
 * @param {{ isSecure: boolean, isKnown: boolean, host: string }} place
 */
export function hindrance({ isSecure, isKnown, host }) {
  if (!isSecure) return "passkey.insecure";
  // A relying party is a name: browsers refuse one that is an address.
  if (/^[\d.]+$|:/.test(host)) return "passkey.no_name";
  return isKnown ? "" : "passkey.unknown";
}
