/** Counts down what is left of an invitation, by the server's clock. */

import { URGENT_MS, clockOffsetMs, formatLeft } from "./remaining.js";

const SECOND_MS = 1_000;

export class Countdown {
  #element;
  #expiresAt;
  #offsetMs;
  #onOver;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #next;

  /**
   * @param {HTMLElement | null} element
   * @param {DOMStringMap} dataset with `expiresAt` (empty: never) and `serverNow`
   * @param {() => void} onOver called once, when nothing is left
   */
  constructor(element, { expiresAt, serverNow }, onOver) {
    this.#element = element;
    this.#expiresAt = Date.parse(expiresAt ?? "");
    this.#offsetMs = clockOffsetMs(serverNow);
    this.#onOver = onOver;
    if (!Number.isNaN(this.#expiresAt)) this.#tick();
  }

  #tick() {
    const leftMs = this.#expiresAt - (Date.now() + this.#offsetMs);
    this.#show(leftMs);
    if (leftMs <= 0) this.#onOver();
    // The text changes when a whole second is reached.
    else this.#next = setTimeout(() => this.#tick(), leftMs % SECOND_MS || SECOND_MS);
  }

  /** Another one counts from here. */
  stop() {
    clearTimeout(this.#next);
  }

  /** @param {number} leftMs */
  #show(leftMs) {
    if (!this.#element) return;
    this.#element.textContent = formatLeft(leftMs, document.documentElement.lang || "en");
    this.#element.classList.toggle("countdown--soon", leftMs > 0 && leftMs < URGENT_MS);
    this.#element.classList.toggle("countdown--over", leftMs <= 0);
  }
}
