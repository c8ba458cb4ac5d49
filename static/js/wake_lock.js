/** Keeps the screen from going dark, where the browser can. */

export class WakeLock {
  /** @type {WakeLockSentinel | null} */
  #lock = null;
  #isWanted = false;

  constructor() {
    // The browser takes the lock away whenever the page is hidden.
    document.addEventListener("visibilitychange", () => this.#isWanted && this.#request());
  }

  /** @returns {Promise<boolean>} whether the screen stays awake */
  keep() {
    this.#isWanted = true;
    return this.#request();
  }

  release() {
    this.#isWanted = false;
    this.#lock?.release();
    this.#lock = null;
  }

  async #request() {
    try {
      this.#lock = await navigator.wakeLock.request("screen");
      return true;
    } catch {
      // Not on plain http, not in every browser, not with an empty battery.
      return false;
    }
  }
}
