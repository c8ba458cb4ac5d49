/** Decides what a scanned text is: a way into this house, or somebody else's, which is shown and never followed. */

// What a camera outside of the app would open too, and nothing else: no path of ours does anything by being opened.
const OWN_PATH = /^\/(?:join|device)\/[\w-]+$/;

/** @typedef {{ path: string } | { text: string }} Scanned */

/**
 * @param {string} text
 * @param {string[]} origins those of this house
 * @returns {Scanned}
 */
export function readScanned(text, origins) {
  try {
    const { origin, pathname, search, hash, username } = new URL(text);
    const isPlain = !search && !hash && !username;
    if (origins.includes(origin) && isPlain && OWN_PATH.test(pathname)) return { path: pathname };
  } catch {
    // No address at all.
  }
  return { text };
}
