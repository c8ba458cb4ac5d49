/** Tells the server how far this person has read: what stood at the end of the timeline while the page was seen. */

const GATHER_MS = 300;

export class ReadMarks {
  #tell;
  #look;
  #readSeq;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /**
   * @param {{ readSeq: number, look: () => number, tell: (seq: number) => boolean }} options
   *   `look` gives the seq that is being seen, or 0; `tell` says whether it could be told
   */
  constructor({ readSeq, look, tell }) {
    this.#readSeq = readSeq;
    this.#look = look;
    this.#tell = tell;
    document.addEventListener("visibilitychange", () => this.update());
  }

  /** Something came into view. Several messages in a row are told as one mark. */
  update() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#updateNow(), GATHER_MS);
  }

  #updateNow() {
    const seq = document.visibilityState === "visible" ? this.#look() : 0;
    if (seq > this.#readSeq && this.#tell(seq)) this.#readSeq = seq;
  }
}
