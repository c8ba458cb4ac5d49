/** Says that this person types, and who else does. */

import { say } from "./strings.js";

const TELL_EVERY_MS = 3_000;
// Twice the other side's interval, so that one lost notice does not make the line flicker.
const FADES_AFTER_MS = 6_500;

export class Typing {
  #element;
  #tell;
  #nameOf;
  #toldAt = -Infinity;
  /** @type {Map<string, ReturnType<typeof setTimeout>>} */
  #others = new Map();

  /**
   * @param {{ element: HTMLElement | null, tell: () => void, nameOf: (user: string) => string | undefined }} options
   *   `element` is where the others are shown
   */
  constructor({ element, tell, nameOf }) {
    this.#element = element;
    this.#tell = tell;
    this.#nameOf = nameOf;
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

  /** @param {string} user */
  started(user) {
    clearTimeout(this.#others.get(user));
    this.#others.set(user, setTimeout(() => this.stopped(user), FADES_AFTER_MS));
    this.show();
  }

  /** @param {string} user */
  stopped(user) {
    clearTimeout(this.#others.get(user));
    if (this.#others.delete(user)) this.show();
  }

  /** Whose name is not known yet is shown as soon as it is. */
  show() {
    const names = [...this.#others.keys()].flatMap((user) => this.#nameOf(user) ?? []);
    const text = names.length ? say(sentence(names.length), { name: names[0], other: names[1] }) : "";
    if (this.#element && this.#element.textContent !== text) this.#element.textContent = text;
  }
}

/** @param {number} count */
function sentence(count) {
  return ["typing.one", "typing.two"][count - 1] ?? "typing.many";
}
