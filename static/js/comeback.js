/** Plans when a lost socket is opened again. */

import { LONGEST_DELAY_MS, nextDelayMs, spreadMs } from "./backoff.js";

// A server that welcomes and closes at once must not be called every half second: only a socket that lasted this long
// lets the back-off begin anew.
const LASTING_MS = 10_000;
// As long as the page says nothing of a lost connection.
const MOVING_MS = 1_500;
const CALM_MS = 5_000;

export class Comeback {
  #connect;
  #attempt = 0;
  #onlineSince = Infinity;
  /** What a server asked for that leaves; null: none does. @type {number | null} */
  #movesAfterMs = null;
  #isByClock = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /** @param {() => void} connect */
  constructor(connect) {
    this.#connect = connect;
  }

  /** A socket is being opened: what was planned, or known of the last one, is past. */
  begins() {
    this.cancel();
    this.#onlineSince = Infinity;
    this.#movesAfterMs = null;
    this.#isByClock = false;
  }

  welcomed() {
    this.#onlineSince = Date.now();
  }

  /**
   * It stops, and has told so: no failure, and nothing to be patient with.
   *
   * @param {number} [afterS] another moment for each socket, so that they go to the other servers spread out
   */
  serverLeaves(afterS) {
    this.#movesAfterMs = afterS === undefined ? spreadMs(MOVING_MS) : Math.min(afterS * 1_000, LONGEST_DELAY_MS);
  }

  /** The socket is gone. */
  plan() {
    if (Date.now() - this.#onlineSince > LASTING_MS) this.#attempt = 0;
    const delayMs = this.#movesAfterMs ?? nextDelayMs(this.#attempt++);
    this.#timer = setTimeout(() => this.#comeBack(), delayMs);
  }

  /** How long to wait with what is not urgent. Who was not woken, but cut off, comes back together with many others. */
  get calmMs() {
    return this.#isByClock ? spreadMs(CALM_MS) : 0;
  }

  cancel() {
    clearTimeout(this.#timer);
  }

  #comeBack() {
    this.#connect();
    this.#isByClock = true;
  }
}
