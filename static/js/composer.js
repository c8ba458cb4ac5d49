/** Lets a person write: a message, a reply, or an edit of an earlier one. */

import { grow } from "./composer_field.js";
import { sends } from "./enter_key.js";
import { said } from "./said.js";
import { say } from "./strings.js";

const LONGEST = 8_000;

/** @typedef {{ kind: "reply" | "edit", message: Message }} Context */

/** Dispatches `send` (detail: body, reply_to), `edit` (detail: seq, body) and `typed`. */
export class Composer extends EventTarget {
  #form;
  #text;
  #draft;
  /** @type {Context | null} */
  #context = null;

  /**
   * @param {HTMLFormElement} form
   * @param {{ load: () => string, save: (text: string) => void }} draft
   */
  constructor(form, draft) {
    super();
    this.#form = form;
    this.#text = /** @type {HTMLTextAreaElement} */ (form.elements.namedItem("body"));
    this.#draft = draft;
    // The browser would cut a pasted text at its end, or speak up about an empty one; both are said here, kindly.
    this.#text.removeAttribute("maxlength");
    form.noValidate = true;
    this.#fill(this.#text.value || draft.load());
    form.addEventListener("submit", (event) => this.#submitted(event));
    form.querySelector('[data-action="cancel-context"]')?.addEventListener("click", (event) => {
      event.preventDefault();
      this.cancel();
    });
    this.#text.addEventListener("input", () => this.#changed());
    this.#text.addEventListener("keydown", (event) => this.#pressed(event));
  }

  /** @param {Message} message */
  reply(message) {
    if (this.#context?.kind === "edit") this.cancel();
    this.#enter({ kind: "reply", message });
  }

  /** @param {Message} message */
  edit(message) {
    this.#enter({ kind: "edit", message });
    this.#fill(message.body);
  }

  /** Leave the reply or the edit; the draft that an edit had pushed aside comes back. */
  cancel() {
    const wasEdit = this.#context?.kind === "edit";
    this.#context = null;
    this.#showContext();
    if (wasEdit) this.#fill(this.#draft.load());
  }

  focus() {
    this.#text.focus();
  }

  /** @param {string} sentence empty hides it */
  showError(sentence) {
    const error = /** @type {HTMLElement} */ (this.#form.querySelector(".composer__error"));
    error.textContent = sentence;
    error.hidden = !sentence;
  }

  close() {
    this.#form.hidden = true;
  }

  /** @param {SubmitEvent} event */
  #submitted(event) {
    event.preventDefault();
    const body = this.#text.value.trim();
    const length = [...body].length;
    this.showError(length > LONGEST ? say("composer.too_long", { longest: LONGEST, length }) : "");
    if (length === 0 || length > LONGEST) return;
    const context = this.#context;
    if (context?.kind === "edit") this.#report("edit", { seq: context.message.seq, body });
    else this.#report("send", { body, reply_to: context?.message.seq ?? null });
    if (context?.kind !== "edit") this.#draft.save("");
    this.#fill("");
    this.cancel();
  }

  /** @param {KeyboardEvent} event */
  #pressed(event) {
    // While an input method composes (kana, pinyin, accents), Enter chooses a word; 229 is how Safari says it.
    const isComposing = event.isComposing || event.keyCode === 229;
    if (sends(event) && !isComposing) {
      event.preventDefault();
      this.#form.requestSubmit();
    }
    if (event.key === "Escape" && this.#context) this.cancel();
  }

  #changed() {
    if (this.#context?.kind !== "edit") this.#draft.save(this.#text.value);
    grow(this.#text);
    if (this.#text.value.trim()) this.#report("typed");
  }

  /** @param {Context} context */
  #enter(context) {
    this.#context = context;
    this.#showContext();
    this.focus();
  }

  #showContext() {
    const bar = /** @type {HTMLElement} */ (this.#form.querySelector(".composer__context"));
    const quote = /** @type {HTMLElement} */ (this.#form.querySelector(".composer__quote"));
    bar.hidden = this.#context === null;
    quote.textContent = this.#context ? contextText(this.#context) : "";
  }

  /** @param {string} text */
  #fill(text) {
    this.#text.value = text;
    grow(this.#text);
  }

  /**
   * @param {string} type
   * @param {object} [detail]
   */
  #report(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}

/** @param {Context} context */
function contextText({ kind, message }) {
  return say(`composer.${kind}`, { name: message.sender.display_name, text: said(message) });
}
