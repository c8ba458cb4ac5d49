/** Keeps the place in a scrolled timeline: its end, or whatever is being read. */

// Half a line: fractional pixels and a bouncing finger still count as the end.
const NEAR_PX = 12;

export class ScrollKeeper {
  #scroller;
  #jump;
  #count;
  #missed = 0;
  #wasAtEnd = false; // until somebody says so: an observer speaks at once, and the address may name another place

  /**
   * Calls `onEnd` whenever the end comes into view.
   *
   * @param {HTMLElement} scroller
   * @param {HTMLElement | null} jump the button that leads to the end
   * @param {() => void} onEnd
   */
  constructor(scroller, jump, onEnd) {
    this.#scroller = scroller;
    this.#jump = jump;
    this.#count = jump?.querySelector(".jump__count") ?? null;
    // The browser's own anchoring would move the place a second time.
    scroller.style.overflowAnchor = "none";
    scroller.addEventListener("scroll", () => this.#scrolled(onEnd), { passive: true });
    jump?.addEventListener("click", () => this.toEnd());
    // The keyboard of a phone, a growing composer, a picture that has come: the end stays in view.
    const sizes = new ResizeObserver(() => this.#wasAtEnd && this.toEnd());
    for (const element of [scroller, ...scroller.children]) sizes.observe(element);
  }

  get isAtEnd() {
    return this.#scroller.scrollHeight - this.#scroller.clientHeight - this.#scroller.scrollTop < NEAR_PX;
  }

  toEnd() {
    this.#scroller.scrollTop = this.#scroller.scrollHeight;
    this.#wasAtEnd = true;
    this.#showMissed(0);
  }

  /**
   * @param {Element} element
   * @param {ScrollLogicalPosition} block
   */
  toElement(element, block) {
    element.scrollIntoView({ block });
    // Where there was nothing to scroll, nothing says so.
    this.#wasAtEnd = this.isAtEnd;
    this.#showMissed(0);
  }

  /**
   * Change the timeline without moving what is being read.
   *
   * @template T
   * @param {() => T} change
   * @returns {T}
   */
  during(change) {
    const wasAtEnd = this.isAtEnd;
    const anchor = wasAtEnd ? undefined : this.#firstVisible();
    // Its lower edge: what stands below stays, also when the row itself loses its head to an earlier one.
    const edgeBefore = anchor?.getBoundingClientRect().bottom ?? 0;
    const result = change();
    if (wasAtEnd) this.toEnd();
    else if (anchor) this.#scroller.scrollTop += anchor.getBoundingClientRect().bottom - edgeBefore;
    return result;
  }

  /** A message arrived below what is being read. */
  missedOne() {
    if (!this.isAtEnd) this.#showMissed(this.#missed + 1);
  }

  #firstVisible() {
    const { top } = this.#scroller.getBoundingClientRect();
    return [...this.#scroller.querySelectorAll(".message")].find((row) => row.getBoundingClientRect().bottom > top);
  }

  /** @param {() => void} onEnd */
  #scrolled(onEnd) {
    this.#wasAtEnd = this.isAtEnd;
    this.#showMissed(this.#wasAtEnd ? 0 : this.#missed);
    if (this.#wasAtEnd) onEnd();
  }

  /** @param {number} missed */
  #showMissed(missed) {
    this.#missed = missed;
    if (this.#count) this.#count.textContent = missed ? String(missed) : "";
    if (this.#jump) this.#jump.hidden = this.#wasAtEnd;
  }
}
