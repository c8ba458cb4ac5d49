/** Lists who came in by a code. */

import { initial } from "./avatar.js";
import { clockTime } from "./time.js";

export class GuestList {
  #section;
  #list;

  /** @param {HTMLElement | null} section hidden as long as nobody came */
  constructor(section) {
    this.#section = section;
    this.#list = section?.querySelector(".people") ?? null;
  }

  /**
   * @param {Person} person
   * @param {string} [joinedAt]
   */
  add(person, joinedAt = new Date().toISOString()) {
    if (!this.#list || this.#list.querySelector(`[data-user="${CSS.escape(person.id)}"]`)) return;
    this.#list.append(this.#line(person, joinedAt));
    if (this.#section) this.#section.hidden = false;
  }

  /**
   * @param {Person} person
   * @param {string} joinedAt
   */
  #line(person, joinedAt) {
    const template = /** @type {HTMLTemplateElement} */ (this.#list?.querySelector("template"));
    const line = document.importNode(/** @type {HTMLElement} */ (template.content.firstElementChild), true);
    const part = (/** @type {string} */ selector) => /** @type {any} */ (line.querySelector(selector));
    line.dataset.user = person.id;
    part(".avatar").dataset.initial = initial(person.display_name);
    part(".people__name").textContent = person.display_name;
    part(".people__badge").hidden = !person.is_guest;
    part("time").dateTime = joinedAt;
    part("time").textContent = clockTime(joinedAt);
    return line;
  }
}
