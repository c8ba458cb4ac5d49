/** Lists those who ask to be let in, with the two answers. */

import { ApiError, post } from "./api.js";
import { initial } from "./avatar.js";

/** @type {KnockList | null} */
let list = null;

/** The page's one list; nothing on pages that have none. */
export function knockList() {
  const section = /** @type {HTMLElement | null} */ (document.querySelector("[data-knocks]"));
  if (section && !list) list = new KnockList(section);
  return list;
}

class KnockList {
  #section;
  #list;

  /** @param {HTMLElement} section */
  constructor(section) {
    this.#section = section;
    this.#list = /** @type {HTMLElement} */ (section.querySelector(".knocks__list"));
    // It stands over the page; who is busy with that has it back with the next who asks, or on the people's page.
    section.querySelector('[data-action="later"]')?.addEventListener("click", () => (section.hidden = true));
    section.addEventListener("submit", (event) => this.#answer(/** @type {SubmitEvent} */ (event)));
  }

  /** @param {Knock[]} knocks */
  replace(knocks) {
    const waiting = new Set(knocks.map(({ invitation, user }) => `${invitation} ${user.id}`));
    for (const line of this.#lines()) {
      if (!waiting.has(`${line.dataset.invitation} ${line.dataset.user}`)) line.remove();
    }
    for (const knock of knocks) this.add(knock);
    this.#show();
  }

  /** @param {Knock} knock */
  add({ invitation, title, user }) {
    if (this.#find(invitation, user.id)) return;
    const template = /** @type {HTMLTemplateElement} */ (this.#section.querySelector("template"));
    const line = document.importNode(/** @type {HTMLElement} */ (template.content.firstElementChild), true);
    const part = (/** @type {string} */ selector) => /** @type {any} */ (line.querySelector(selector));
    Object.assign(line.dataset, { invitation, user: user.id });
    part(".avatar").dataset.initial = initial(user.display_name);
    part("bdi").textContent = user.display_name;
    part(".badge").hidden = !user.is_guest;
    part(".knock__title").textContent = title ? ` · ${title}` : "";
    this.#list.append(line);
    this.#show();
  }

  /**
   * @param {string} invitation
   * @param {string} user
   */
  remove(invitation, user) {
    this.#find(invitation, user)?.remove();
    this.#show();
  }

  /** @param {SubmitEvent} event */
  async #answer(event) {
    const button = /** @type {HTMLElement | null} */ (event.submitter);
    const line = /** @type {HTMLElement | null} */ (button?.closest(".knock"));
    if (!line || !button?.dataset.deed) return;
    event.preventDefault();
    const { invitation = "", user = "" } = line.dataset;
    line.setAttribute("aria-busy", "true");
    try {
      await post(`/api/auth/invitations/${invitation}/${button.dataset.deed}`, { user });
      this.remove(invitation, user);
    } catch (error) {
      this.#failed(error, line);
    }
  }

  /**
   * Who has gone, or whom another host answered, is no more to be asked about.
   *
   * @param {unknown} error
   * @param {HTMLElement} line
   */
  #failed(error, line) {
    if (!(error instanceof ApiError)) throw error;
    line.removeAttribute("aria-busy");
    const problem = this.#section.querySelector(".knocks__problem");
    if (problem) problem.textContent = error.message;
    if ([404, 409, 410].includes(error.status)) line.remove();
  }

  /**
   * @param {string} invitation
   * @param {string} user
   */
  #find(invitation, user) {
    return this.#lines().find((line) => line.dataset.invitation === invitation && line.dataset.user === user);
  }

  #lines() {
    return /** @type {HTMLElement[]} */ ([...this.#list.children]);
  }

  #show() {
    this.#section.hidden = this.#list.children.length === 0;
  }
}
