/** Keeps a connection as long as its page is in use, and brings it back as soon as the network is. */

import { afterSleep } from "./sleep.js";

/** @param {import("./connection.js").Connection} connection */
export function keepConnected(connection) {
  const wake = () => connection.wake();
  window.addEventListener("online", wake);
  // The browser says so before the socket notices: ask it.
  window.addEventListener("offline", () => connection.isOnline && wake());
  window.addEventListener("pageshow", wake);
  // A page with an open socket cannot be kept for the back button.
  window.addEventListener("pagehide", () => connection.rest());
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && wake());
  afterSleep(wake);
  wake();
}
