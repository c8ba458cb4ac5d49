/** Notices a socket whose path died without a word: a phone that slept, a lost Wi-Fi. */

const PONG_TIMEOUT_MS = 8_000;
const CONNECT_TIMEOUT_MS = 15_000;

export class Heartbeat {
  #intervalMs = 25_000;
  #ping;
  #onSilence;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #next;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #deadline;

  /** @param {{ ping: () => void, onSilence: () => void }} options */
  constructor({ ping, onSilence }) {
    this.#ping = ping;
    this.#onSilence = onSilence;
  }

  /** @param {number} seconds as the server's hello says */
  every(seconds) {
    this.#intervalMs = seconds * 1000;
  }

  /** A socket is being opened; it has to say something in time. */
  start() {
    this.#expectWithin(CONNECT_TIMEOUT_MS);
  }

  /** Something arrived: all is well until the next beat. */
  heard() {
    this.stop();
    this.#next = setTimeout(() => this.probe(), this.#intervalMs);
  }

  /** Ask now whether the other side is there. */
  probe() {
    this.#ping();
    this.#expectWithin(PONG_TIMEOUT_MS);
  }

  stop() {
    clearTimeout(this.#next);
    clearTimeout(this.#deadline);
  }

  /** @param {number} silenceMs */
  #expectWithin(silenceMs) {
    clearTimeout(this.#deadline);
    this.#deadline = setTimeout(this.#onSilence, silenceMs);
  }
}
