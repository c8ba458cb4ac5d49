/** Shows the state of the live connection in words, and leads back to the login when it asks for one. */

import { say } from "./strings.js";

/** Reasons for which the server would draw another page by now. */
const STALE = new Set(["signed_out", "another_person"]);
const RELOADED_AT = "abdre.reloaded_at";
const RELOAD_AT_MOST_EVERY_MS = 30_000;
// A connection that is there within a moment is no news; saying so would make every page flicker.
const QUIET_MS = 1_500;

export class ConnectionStatus {
  #element;
  #connection;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /**
   * @param {HTMLElement} element
   * @param {import("./page.js").Page} page
   */
  constructor(element, { connection }) {
    this.#element = element;
    this.#connection = connection;
    connection.addEventListener("state", () => this.#changed());
    this.#changed();
  }

  #changed() {
    const isCalm = this.#connection.isOnline || this.#connection.state === "stopped";
    if (isCalm) this.#show();
    // Not begun anew by each attempt: a connection that is lost for long must be said to be.
    else this.#timer ??= setTimeout(() => this.#show(), QUIET_MS);
    if (STALE.has(this.#connection.reason)) reloadOnce();
  }

  #show() {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const { state, reason } = this.#connection;
    this.#element.dataset.state = state === "stopped" ? "offline" : state;
    this.#element.textContent = say(`connection.${navigator.onLine || state === "online" ? reason : "no_network"}`);
  }
}

/** The server's own guard leads to the login and back here; should it let us stay, once in a while is enough. */
function reloadOnce() {
  const now = Date.now();
  try {
    if (now - Number(sessionStorage.getItem(RELOADED_AT)) < RELOAD_AT_MOST_EVERY_MS) return;
    sessionStorage.setItem(RELOADED_AT, String(now));
  } catch {
    return;
  }
  location.reload();
}
