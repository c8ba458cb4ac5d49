/** Holds the shown window of a chat's messages: by seq, never older than what is already there. */

/** @typedef {"inserted" | "updated" | "ignored"} Change */

export class TimelineStore {
  /** @type {Map<number, Message>} */
  #messages = new Map();
  #first;
  #end;
  #thread;

  /**
   * @param {number} [first] the smallest seq whose message belongs to the window; Infinity while nothing is loaded,
   *   then everything that arrives belongs to it
   * @param {number} [end] the largest one, where the page shows a piece of the past; Infinity where it shows today
   * @param {number} [thread] the message whose thread is the window, with the replies that hang on it; 0: the chat is
   */
  constructor(first = Infinity, end = Infinity, thread = 0) {
    this.#first = first;
    this.#end = end;
    this.#thread = thread;
  }

  get first() {
    return this.#first;
  }

  get last() {
    return Math.max(0, ...this.#messages.keys());
  }

  get isEmpty() {
    return this.#messages.size === 0;
  }

  /** @param {number} seq */
  get(seq) {
    return this.#messages.get(seq);
  }

  /**
   * The message that somebody sent under an id of their own.
   *
   * @param {string} sender
   * @param {string} clientId
   */
  sentAs(sender, clientId) {
    return [...this.#messages.values()].find((shown) => shown.client_id === clientId && shown.sender.id === sender);
  }

  /** Whether it belongs to the window and is still to come. @param {number} seq */
  awaits(seq) {
    return !this.#messages.has(seq) && this.holds(seq);
  }

  /** Whether it belongs to the window. @param {number} seq */
  holds(seq) {
    return seq <= this.#end && (this.#first === Infinity || seq >= this.#first);
  }

  /** Ascending by seq. */
  all() {
    return [...this.#messages.values()].sort((one, other) => one.seq - other.seq);
  }

  /** Those that quote it, and those that hang on it. @param {number} seq */
  answersTo(seq) {
    return [...this.#messages.values()].filter((message) => message.reply_to === seq || message.thread === seq);
  }

  /**
   * Take a message that was created or changed. One outside the window stays out: it comes, in its present state, when
   * its page is loaded. What is not newer than the shown state is known already.
   *
   * @param {Message} message
   * @returns {Change}
   */
  receive(message) {
    const shown = this.#messages.get(message.seq);
    if (!this.#takes(message) || (shown && shown.version >= message.version)) return "ignored";
    this.#messages.set(message.seq, message);
    return shown ? "updated" : "inserted";
  }

  /**
   * Widen the window by a page of earlier messages, or fill an empty one.
   *
   * @param {Message[]} page ascending by seq
   * @returns {Message[]} the newest known state of each of them
   */
  load(page) {
    if (page.length === 0) return [];
    this.#first = Math.min(this.#first, page[0].seq);
    page.forEach((message) => this.receive(message));
    return page.map((message) => /** @type {Message} */ (this.#messages.get(message.seq)));
  }

  /** Forget everything; the window is unknown until the next `load`. */
  clear() {
    this.#messages.clear();
    this.#first = Infinity;
  }

  /**
   * Let go what is gone for good; the window begins there, if it began before.
   *
   * @param {number} below the first message that stays
   * @returns {number[]} those that went
   */
  forget(below) {
    const gone = [...this.#messages.keys()].filter((seq) => seq < below);
    for (const seq of gone) this.#messages.delete(seq);
    this.#first = Math.max(this.#first, below);
    return gone;
  }

  /** @param {Message} message */
  #takes(message) {
    if (!this.#thread) return this.holds(message.seq);
    // What hangs on it is shown from some reply on; the message itself always.
    return message.seq === this.#thread || (message.thread === this.#thread && this.holds(message.seq));
  }
}
