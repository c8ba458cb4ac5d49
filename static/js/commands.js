/** Matches answers of the server with the commands that asked for them. */

/** Codes that say "not now" instead of "no": the same command may succeed later. */
const PASSING = new Set(["offline", "timeout", "unavailable", "too_many"]);
const ANSWER_TIMEOUT_MS = 15_000;

/** A command was refused, or could not be asked. */
export class CommandError extends Error {
  /**
   * @param {string} code
   * @param {string} [message] in words for the person, when the server sent any
   * @param {number} [retryAfterS]
   */
  constructor(code, message = "", retryAfterS = 0) {
    super(message || code);
    this.code = code;
    this.sentence = message;
    this.retryAfterS = retryAfterS;
  }

  get isPassing() {
    return PASSING.has(this.code) || this.retryAfterS > 0;
  }
}

/**
 * @typedef {object} Waiting
 * @property {(ack: Ack) => void} resolve
 * @property {(error: CommandError) => void} reject
 * @property {ReturnType<typeof setTimeout>} timer
 */

export class Commands {
  /** @type {Map<string, Waiting>} */
  #waiting = new Map();
  #lastRef = 0;
  #timeoutMs;

  constructor(timeoutMs = ANSWER_TIMEOUT_MS) {
    this.#timeoutMs = timeoutMs;
  }

  /**
   * Give out a ref and the promise of its answer.
   *
   * @returns {{ ref: string, answer: Promise<Ack> }}
   */
  ask() {
    const ref = String(++this.#lastRef);
    const answer = new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.#settle(ref)?.reject(new CommandError("timeout")), this.#timeoutMs);
      this.#waiting.set(ref, { resolve, reject, timer });
    });
    return { ref, answer };
  }

  /** @param {WireItem} item an `ack`, `message.held` or `error`; one that nobody waits for is ignored */
  answer(item) {
    const waiting = this.#settle(item.ref);
    if (item.type === "error") waiting?.reject(new CommandError(item.code, item.message, item.retry_after_s));
    else waiting?.resolve(/** @type {Ack} */ (item));
  }

  /** The socket is gone: whoever still waits has to ask again on the next one. */
  dropAll() {
    for (const ref of [...this.#waiting.keys()]) this.#settle(ref)?.reject(new CommandError("offline"));
  }

  /** @param {string} ref */
  #settle(ref) {
    const waiting = this.#waiting.get(ref);
    this.#waiting.delete(ref);
    clearTimeout(waiting?.timer);
    return waiting;
  }
}
