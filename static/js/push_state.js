/** What stands between this device and notifications. */

/**
 * @param {{ isSecure: boolean, isKnown: boolean, permission: string, isSubscribed: boolean }} device
 * @returns {"insecure" | "unsupported" | "denied" | "on" | "off"}
 */
export function pushState({ isSecure, isKnown, permission, isSubscribed }) {
  if (!isSecure) return "insecure";
  if (!isKnown) return "unsupported";
  if (permission === "denied") return "denied";
  return isSubscribed && permission === "granted" ? "on" : "off";
}
