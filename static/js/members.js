/** Keeps the list of a chat's people as it is: who comes, who goes, who becomes what. */

import { get } from "./api.js";
import { showPicture } from "./avatar.js";
import { askPresence } from "./presence.js";
import { Roster } from "./roster.js";
import { fill, say, sayCount } from "./strings.js";

export class MemberList {
  #list;
  #me;
  #chat;
  #roster = new Roster();
  /** What the page shows already; older news may still come in. */
  #since;

  /**
   * @param {HTMLElement} list
   * @param {import("./page.js").Page} page
   */
  constructor(list, page) {
    this.#list = list;
    this.#me = page.me;
    this.#chat = list.dataset.chat ?? "";
    this.#since = Number(list.dataset.version);
    page.feed.follow(this.#chat, this.#since, this);
  }

  /** @param {WireItem} item */
  item(item) {
    if (item.type === "chat.removed") this.gone(item.reason);
    if (!(item.version > this.#since)) return;
    if (item.type === "membership.changed") this.#change(item.membership);
    if (item.type === "chat.changed") this.#chatChanged(item.summary);
  }

  /** Too much happened while away to be told one by one. */
  async reset() {
    const answer = await get(`/api/chats/${this.#chat}/members`).catch(() => null);
    if (!answer) return location.reload();
    this.#since = 0;
    this.#roster = new Roster();
    const present = new Set(answer.items.map((/** @type {Membership} */ { user }) => user.id));
    for (const row of this.#rows()) if (!present.has(row.dataset.user ?? "")) row.remove();
    answer.items.forEach((/** @type {Membership} */ membership) => this.#change(membership));
  }

  caughtUp() {}

  /** @param {string} [reason] */
  gone(reason = "removed") {
    const note = this.#copy("gone", ".notice");
    /** @type {HTMLElement} */ (note.querySelector("p")).textContent = say(`gone.${reason}`);
    this.#list.parentElement?.replaceChildren(note);
    document.querySelector(".chat__people")?.remove();
  }

  /** @param {ChatSummary} summary */
  #chatChanged({ title, closed_at }) {
    const heading = document.querySelector(".chat__title");
    if (heading && title) heading.textContent = title;
    // In a chat that is over there is nothing left to do about anybody: the server draws that.
    if (closed_at) location.reload();
  }

  /** @param {Membership} membership */
  #change(membership) {
    this.#roster.change(membership);
    const newest = this.#roster.memberOf(membership.user.id) ?? membership;
    if (newest.user.id === this.#me) this.#changeMine(newest);
    else this.#show(newest);
    this.#count();
  }

  /**
   * What one may do about everybody hangs on one's own role: the server draws that.
   *
   * @param {Membership} mine
   */
  #changeMine({ state, role }) {
    if (state !== "active") this.gone(state);
    else if (role !== this.#list.dataset.role) location.reload();
  }

  /** @param {Membership} membership */
  #show({ user, role, state }) {
    const shown = this.#rows().find((row) => row.dataset.user === user.id);
    if (state !== "active") return shown?.remove();
    if (shown?.dataset.role === role && shown.dataset.guest === String(user.is_guest)) return;
    const kind = `[data-guest="${user.is_guest}"][data-bot="${user.is_bot === true}"]`;
    const row = this.#copy("member", `[data-role="${CSS.escape(role)}"]${kind}`);
    write(row, user);
    if (shown) shown.replaceWith(row);
    else this.#list.querySelector("template")?.before(row);
    askPresence();
  }

  #count() {
    const count = document.querySelector(".chat__people");
    if (count) count.textContent = sayCount("people", this.#rows().length);
  }

  /** @returns {HTMLElement[]} */
  #rows() {
    return [.../** @type {NodeListOf<HTMLElement>} */ (this.#list.querySelectorAll(":scope > [data-user]"))];
  }

  /**
   * From a template of the page; where nothing there is such, its first.
   *
   * @param {string} name
   * @param {string} selector
   */
  #copy(name, selector) {
    const found = this.#list.querySelector(`[data-template="${name}"]`);
    const { content } = /** @type {HTMLTemplateElement} */ (found);
    const original = content.querySelector(selector) ?? content.firstElementChild;
    return document.importNode(/** @type {HTMLElement} */ (original), true);
  }
}

/**
 * Fill the places for name and id.
 *
 * @param {HTMLElement} row
 * @param {Person} user
 */
function write(row, user) {
  const part = (/** @type {string} */ selector) => /** @type {HTMLElement} */ (row.querySelector(selector));
  row.dataset.user = user.id;
  showPicture(part(".avatar"), user);
  part(".avatar").dataset.presence = user.id;
  part("bdi").textContent = user.display_name;
  part("bdi").dataset.name = user.id;
  row.querySelectorAll(".people__card").forEach((link) => link.setAttribute("href", `/people/${user.id}`));
  complete(part("summary"), "aria-label", { name: user.display_name });
  row.querySelectorAll("form").forEach((form) => complete(form, "action", { id: user.id }));
  row.querySelectorAll("a.menu__item").forEach((link) => complete(link, "href", { id: user.id }));
}

/**
 * @param {Element | null} element
 * @param {string} attribute
 * @param {Record<string, string>} values
 */
function complete(element, attribute, values) {
  element?.setAttribute(attribute, fill(element.getAttribute(attribute) ?? "", values));
}
