/** Says that this person types, and who else does. */

import { say } from "./strings.js";

const TELL_EVERY_MS = 3_000;
// Twice the other side's interval, so that one lost notice does not make the line flicker.
const FADES_AFTER_MS = 6_500;

export class Typing {
  #element;
  #tell;
  #toldAt = -Infinity;
  /** @type {Map<string, { name: string, timer: ReturnType<typeof setTimeout> }>} */
  #others = new Map();

  /**
   * @param {HTMLElement | null} element where the others are shown
   * @param {() => void} tell
   */
  constructor(element, tell) {
    this.#element = element;
    this.#tell = tell;
  }

  /** This person wrote something: tell the others, not more often than they need. */
  typed(now = Date.now()) {
    if (now - this.#toldAt < TELL_EVERY_MS) return;
    this.#toldAt = now;
    this.#tell();
  }

  /** The message is out: the next key is news again. */
  finished() {
    this.#toldAt = -Infinity;
  }

  /**
   * @param {string} user
   * @param {string} [name]
   */
  started(user, name = say("typing.somebody")) {
    clearTimeout(this.#others.get(user)?.timer);
    this.#others.set(user, { name, timer: setTimeout(() => this.stopped(user), FADES_AFTER_MS) });
    this.#show();
  }

  /** @param {string} user */
  stopped(user) {
    clearTimeout(this.#others.get(user)?.timer);
    if (this.#others.delete(user)) this.#show();
  }

  #show() {
    if (!this.#element) return;
    const names = [...this.#others.values()].map((typing) => typing.name);
    this.#element.textContent = names.length ? say(sentence(names.length), { name: names[0], other: names[1] }) : "";
  }
}

/** @param {number} count */
function sentence(count) {
  return ["typing.one", "typing.two"][count - 1] ?? "typing.many";
}
