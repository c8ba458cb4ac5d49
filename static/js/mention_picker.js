/** Offers the names of the chat's people to somebody who calls one. Loaded when the first "@" is typed. */

import { matching, typedName } from "./mentions.js";

/** @typedef {import("./mentions.js").Callable} Callable */

export class MentionPicker {
  #text;
  #people;
  #list = document.createElement("ul");
  /** @type {Callable[]} */
  #offered = [];
  #chosen = 0;

  /**
   * @param {HTMLTextAreaElement} text
   * @param {() => Callable[]} people
   * @param {string} label what the list is called
   */
  constructor(text, people, label) {
    this.#text = text;
    this.#people = people;
    this.#list.className = "mention-picker";
    this.#list.id = "mention-picker";
    this.#list.role = "listbox";
    this.#list.ariaLabel = label;
    this.#list.hidden = true;
    text.before(this.#list);
    text.setAttribute("aria-autocomplete", "list");
    text.setAttribute("aria-controls", this.#list.id);
    text.addEventListener("input", () => this.show());
    text.addEventListener("click", () => this.show());
    text.addEventListener("blur", () => this.#close());
    // Before the composer, which would send on Enter and leave a reply on Escape.
    text.form?.addEventListener("keydown", (event) => this.#pressed(event), { capture: true });
    // The text keeps the focus, and a phone its keyboard.
    this.#list.addEventListener("pointerdown", (event) => event.preventDefault());
    this.#list.addEventListener("click", (event) => this.#clicked(event));
  }

  show() {
    const typed = typedName(this.#text.value, this.#text.selectionStart);
    this.#offered = typed ? matching(this.#people(), typed.query) : [];
    this.#chosen = 0;
    this.#draw();
  }

  #close() {
    this.#offered = [];
    this.#draw();
  }

  #draw() {
    this.#list.hidden = this.#offered.length === 0;
    this.#list.replaceChildren(...this.#offered.map((person, place) => option(person, place, place === this.#chosen)));
    if (this.#list.hidden) this.#text.removeAttribute("aria-activedescendant");
    else this.#text.setAttribute("aria-activedescendant", optionId(this.#chosen));
  }

  /** @param {KeyboardEvent} event */
  #pressed(event) {
    if (this.#list.hidden || event.isComposing) return;
    const steps = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (steps) {
      this.#chosen = (this.#chosen + steps + this.#offered.length) % this.#offered.length;
      this.#draw();
    } else if (event.key === "Enter" || event.key === "Tab") this.#take(this.#offered[this.#chosen]);
    else if (event.key === "Escape") this.#close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  /** @param {MouseEvent} event */
  #clicked(event) {
    const item = /** @type {HTMLElement} */ (event.target).closest("li");
    if (item) this.#take(this.#offered[Number(item.dataset.place)]);
  }

  /** @param {Callable} person */
  #take(person) {
    const typed = typedName(this.#text.value, this.#text.selectionStart);
    if (!typed) return;
    this.#text.setRangeText(`${person.word} `, typed.start, this.#text.selectionStart, "end");
    this.#close();
    this.#text.dispatchEvent(new InputEvent("input", { bubbles: true }));
  }
}

/** @param {number} place */
function optionId(place) {
  return `mention-option-${place}`;
}

/**
 * @param {Callable} person
 * @param {number} place
 * @param {boolean} isChosen
 */
function option({ word, name }, place, isChosen) {
  const item = document.createElement("li");
  item.className = "mention-picker__item";
  item.id = optionId(place);
  item.role = "option";
  item.dataset.place = String(place);
  item.ariaSelected = String(isChosen);
  const shown = document.createElement("bdi");
  const called = document.createElement("bdi");
  shown.textContent = name;
  called.className = "mention-picker__word";
  called.textContent = `@${word}`;
  item.append(shown, " ", called);
  return item;
}
