/** Lets a person write: a message, a reply, or an edit of an earlier one. */

import { answered, showContext } from "./composer_context.js";
import { grow } from "./composer_field.js";
import { sends } from "./enter_key.js";
import { takeAlong } from "./send_later.js";
import { say } from "./strings.js";

const LONGEST = 8_000;

/** Dispatches `send` (detail: body, reply_to, attachments), `edit` (detail: seq, body) and `typed`. */
export class Composer extends EventTarget {
  #form;
  #text;
  #draft;
  #context = /** @type {ComposerContext | null} */ (null);
  additions = /** @type {Additions | null} */ (null);

  /**
   * @param {HTMLFormElement} form
   * @param {{ load: () => string, save: (text: string, replyTo: number | null) => void }} draft
   */
  constructor(form, draft) {
    super();
    this.#form = form;
    this.#text = /** @type {HTMLTextAreaElement} */ (form.elements.namedItem("body"));
    this.#draft = draft;
    // The browser would cut a pasted text at its end, or speak up about an empty one; both are said here, kindly.
    this.#text.removeAttribute("maxlength");
    form.noValidate = true;
    // What was refused, or is typed already, stands in the field; else what was begun, here or elsewhere.
    const isTyped = this.#text.value !== this.#text.defaultValue;
    if (!isTyped && !("refused" in form.dataset)) this.#fill(draft.load());
    form.addEventListener("submit", (event) => this.#submitted(event));
    form.querySelector('[data-action="cancel-context"]')?.addEventListener("click", () => this.cancel());
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
    showContext(this.#form, this.#context);
    if (wasEdit) this.#fill(this.#draft.load());
  }

  focus() {
    this.#text.focus();
  }

  submit() {
    this.#form.requestSubmit();
  }

  /** @param {string} sentence empty hides it */
  showError(sentence) {
    const error = /** @type {HTMLElement} */ (this.#form.querySelector(".composer__error"));
    Object.assign(error, { textContent: sentence, hidden: !sentence });
  }

  close() {
    this.#form.hidden = true;
  }

  /** What another device has begun; an edit finds it when it ends. @param {Message | null} answered */
  show(answered) {
    if (this.#context?.kind === "edit") return;
    this.#fill(this.#draft.load());
    this.#context = answered && { kind: "reply", message: answered };
    showContext(this.#form, this.#context);
  }

  /** @param {SubmitEvent} event */
  #submitted(event) {
    if (event.submitter?.hasAttribute("formaction")) return this.#sentLater(event);
    event.preventDefault();
    const body = this.#text.value.trim();
    const length = [...body].length;
    this.showError(length > LONGEST ? say("composer.too_long", { longest: LONGEST, length }) : "");
    const context = this.#context;
    const isEdit = context?.kind === "edit";
    const hasFiles = isEdit ? context.message.attachments.length > 0 : this.additions?.isEmpty === false;
    if (length > LONGEST || (length === 0 && !hasFiles)) return;
    if (isEdit) this.#report("edit", { seq: context.message.seq, body });
    else {
      // None while a file is on its way: it is asked for again when the last one is there.
      const attachments = this.additions ? this.additions.take() : [];
      if (!attachments) return;
      this.#report("send", { body, reply_to: answered(this.#context), attachments });
    }
    if (context?.kind !== "edit") this.#draft.save("", null);
    this.#fill("");
    this.cancel();
  }

  /** The form itself goes to the page for it. @param {SubmitEvent} event */
  #sentLater(event) {
    if (this.#context?.kind === "edit" || !this.#text.value.trim()) return event.preventDefault();
    takeAlong(this.#form, answered(this.#context));
    this.#draft.save("", null);
  }

  /** @param {KeyboardEvent} event */
  #pressed(event) {
    if (sends(event)) {
      event.preventDefault();
      this.#form.requestSubmit();
    }
    if (event.key === "Escape" && this.#context) this.cancel();
  }

  #changed() {
    if (this.#context?.kind !== "edit") this.#draft.save(this.#text.value, answered(this.#context));
    grow(this.#text);
    if (this.#text.value.trim()) this.#report("typed");
  }

  /** @param {ComposerContext} context */
  #enter(context) {
    this.#context = context;
    showContext(this.#form, this.#context);
    this.focus();
  }

  /** @param {string} text */
  #fill(text) {
    this.#text.value = text;
    grow(this.#text);
  }

  /** @param {string} type @param {object} [detail] */
  #report(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}
