/** Adds to a message's menu, when it opens, what only a script can do: quick reactions, copying. */

import { copyText } from "./copy.js";
import { say } from "./strings.js";
import { toast } from "./toast.js";

export class MessageMenu {
  #section;
  #list;
  #store;

  /**
   * @param {HTMLElement} section
   * @param {ChatParts} parts
   */
  constructor(section, { store }) {
    this.#section = section;
    this.#store = store;
    this.#list = /** @type {HTMLElement} */ (section.querySelector(".timeline__list"));
    // It does not bubble.
    this.#list.addEventListener("toggle", (event) => this.#toggled(/** @type {HTMLElement} */ (event.target)), true);
    this.#list.addEventListener("click", (event) => this.#clicked(event));
    section.querySelector(".timeline")?.addEventListener("scroll", () => this.#scrolled(), { passive: true });
  }

  /** @param {HTMLElement} menu */
  #toggled(menu) {
    const body = /** @type {HTMLElement | null} */ (menu.querySelector(".menu__body"));
    if (!menu.matches(".message__menu[open]") || !body) return;
    if (!body.querySelector(".menu__reactions")) this.#fill(body);
    lead(menu, this.#section.dataset.chat ?? "");
    bringIntoView(menu, body);
  }

  /** Also by what arrives meanwhile: what is open does not slip away under the finger. */
  #scrolled() {
    const body = /** @type {HTMLElement | null} */ (this.#list.querySelector(".message__menu[open] > .menu__body"));
    if (body) bringIntoView(/** @type {HTMLElement} */ (body.parentElement), body);
  }

  /** @param {HTMLElement} body */
  #fill(body) {
    const quick = document.createElement("div");
    quick.className = "menu__reactions";
    for (const emoji of (this.#section.dataset.quickReactions ?? "").split(" ")) {
      const button = item("react", emoji);
      button.className = "menu__reaction";
      button.value = emoji;
      quick.append(button);
    }
    body.prepend(quick);
    body.querySelector('[data-action="reply"]')?.after(
      item("copy-text", say("message.copy_text")),
      item("copy-link", say("message.copy_link")),
    );
  }

  /** @param {MouseEvent} event */
  #clicked(event) {
    const target = /** @type {HTMLElement} */ (event.target);
    const control = /** @type {HTMLElement | null} */ (target.closest("[data-action^='copy-']"));
    const seq = Number(control?.closest(".message")?.getAttribute("data-seq"));
    const message = this.#store.get(seq);
    if (!control || !message) return;
    control.closest("details")?.removeAttribute("open");
    const { action } = control.dataset;
    if (action === "copy-text") this.#copy(message.body, "copy.text_done");
    if (action === "copy-link") this.#copy(`${location.origin}/chats/${message.chat}?at=${seq}`, "copy.done");
    if (action === "copy-code") this.#copy(control.parentElement?.querySelector("code")?.textContent, "copy.code_done");
  }

  /**
   * @param {string | null | undefined} text
   * @param {string} done
   */
  async #copy(text, done) {
    toast(say((await copyText(text ?? "")) ? done : "copy.impossible"));
  }
}

/**
 * To the pages about this very message, also from a row that the page's script has made.
 *
 * @param {HTMLElement} menu
 * @param {string} chat
 */
function lead(menu, chat) {
  const row = /** @type {HTMLElement | null} */ (menu.closest(".message"));
  for (const found of menu.querySelectorAll("[data-way]")) {
    const link = /** @type {HTMLAnchorElement} */ (found);
    link.href = `/chats/${chat}/messages/${row?.dataset.seq}/${link.dataset.way}`;
    // Nobody reports themselves.
    link.hidden = link.dataset.way === "report" && Boolean(row?.matches(".message--own"));
  }
}

/**
 * Below the dots, else above them, and in any case within the timeline: a message may be higher than the screen.
 *
 * @param {HTMLElement} menu
 * @param {HTMLElement} body
 */
function bringIntoView(menu, body) {
  const [dots, log, row] = ["summary", ".timeline", ".message"].map((selector) => {
    const element = menu.querySelector(selector) ?? menu.closest(selector);
    return /** @type {Element} */ (element).getBoundingClientRect();
  });
  body.style.maxBlockSize = `${log.height}px`; // beside a keyboard there is little room
  const height = body.offsetHeight;
  const wanted = dots.bottom + height > log.bottom ? dots.top - height : dots.bottom;
  const top = Math.max(log.top, Math.min(wanted, log.bottom - height));
  body.style.insetBlock = `${top - row.top}px auto`;
}

/**
 * @param {string} action
 * @param {string} words
 */
function item(action, words) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "menu__item";
  button.dataset.action = action;
  button.textContent = words;
  return button;
}
