/** Notices a socket whose path died without a word: a phone that slept, a lost Wi-Fi. */

const PONG_TIMEOUT_MS = 8_000;
const CONNECT_TIMEOUT_MS = 15_000;
// Something was asked that is answered in a moment: this much later silence is worth a question.
const ANSWER_MS = 4_000;
// Somebody looks at the page, or the network changed: now a socket is more likely dead than slow.
const DOUBT_TIMEOUT_MS = 4_000;

export class Heartbeat {
  #intervalMs = 25_000;
  #ping;
  #onSilence;
  #isAwaitingAnswer = false;
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
    this.stop();
    this.#expectWithin(CONNECT_TIMEOUT_MS);
  }

  /** Something arrived: all is well until the next beat. */
  heard() {
    this.stop();
    this.#probeIn(this.#intervalMs);
  }

  /** Something was asked: do not wait for the next beat to find out that nobody hears. */
  asked() {
    if (this.#isAwaitingAnswer) return;
    this.#isAwaitingAnswer = true;
    this.#probeIn(ANSWER_MS);
  }

  /** Ask now whether the other side is there. */
  doubt() {
    this.#probe(DOUBT_TIMEOUT_MS);
  }

  stop() {
    this.#isAwaitingAnswer = false;
    clearTimeout(this.#next);
    clearTimeout(this.#deadline);
  }

  /** @param {number} delayMs */
  #probeIn(delayMs) {
    clearTimeout(this.#next);
    this.#next = setTimeout(() => this.#probe(PONG_TIMEOUT_MS), delayMs);
  }

  /** @param {number} timeoutMs */
  #probe(timeoutMs) {
    this.#ping();
    this.#expectWithin(timeoutMs);
  }

  /** @param {number} silenceMs */
  #expectWithin(silenceMs) {
    clearTimeout(this.#deadline);
    this.#deadline = setTimeout(this.#onSilence, silenceMs);
  }
}
