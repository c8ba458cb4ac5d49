/** Keeps the host's page with its code as it is: who opened it, who joined, how long it lives. */

import { get } from "./api.js";
import { copyText } from "./copy.js";
import { Countdown } from "./countdown.js";
import { GuestList } from "./guest_list.js";
import { Rotation } from "./rotation.js";
import { showCode } from "./show_mode.js";
import { say } from "./strings.js";
import { markStep, showNumbers } from "./tracker.js";
import { warmChat } from "./warm.js";

const DEEDS = ["opened", "joined", "declined", "waiting", "expired", "revoked"];
const OVER = new Set(["expired", "revoked"]);

/**
 * @typedef {object} InvitationState
 * @property {string} status
 * @property {number} uses
 * @property {number | null} max_uses
 * @property {string | null} [opened_at]
 * @property {number} [declined]
 * @property {{ user: Person, joined_at: string }[]} [people]
 */

export class InvitationPage {
  #section;
  #tracker;
  #guests;
  #id;
  #wasAlive;
  /** @type {Rotation | null} */
  #rotation = null;

  /**
   * @param {HTMLElement} section
   * @param {import("./page.js").Page} page
   */
  constructor(section, page) {
    this.#section = section;
    this.#id = section.dataset.invitation ?? "";
    this.#tracker = /** @type {HTMLElement} */ (section.querySelector(".tracker"));
    this.#guests = new GuestList(section.querySelector("[data-joined]"));
    this.#wasAlive = section.querySelector(".code--dead") === null;
    for (const deed of DEEDS) page.on(`invitation.${deed}`, (item) => this.#heard(deed, item));
    page.on("knock.ended", (item) => item.invitation === this.#id && this.#refresh());
    page.on("hello", () => this.#refresh());
    if (section.dataset.rotatesAt) {
      this.#rotation = new Rotation(section.dataset, (url) => Object.assign(section.dataset, { url }));
    }
    new Countdown(section.querySelector(".countdown"), section.dataset, () => this.#die());
    this.#offer();
    warmChat();
  }

  /**
   * @param {string} deed
   * @param {WireItem} item
   */
  #heard(deed, item) {
    if (item.invitation !== this.#id) return;
    markStep(this.#tracker, deed);
    if (item.user && deed === "joined") this.#guests.add(item.user);
    // Where a code without a chat has led to.
    if (item.chat) this.#section.dataset.chatUrl = `/chats/${item.chat}`;
    this.#tell(say(`invitation.${deed}`, { name: item.user?.display_name ?? "" }));
    this.#show(/** @type {any} */ (item));
    if (deed !== "joined") this.#refresh();
  }

  /** What happened before this page listened, or while it was away. */
  async #refresh() {
    const answer = await get(`/api/auth/invitations/${this.#id}`).catch(() => null);
    if (answer) this.#catchUp(answer);
  }

  /** @param {InvitationState} state */
  #catchUp(state) {
    if (state.opened_at) markStep(this.#tracker, "opened", state.opened_at);
    if (state.declined) markStep(this.#tracker, "declined");
    for (const { user, joined_at } of state.people ?? []) {
      markStep(this.#tracker, "joined", joined_at);
      this.#guests.add(user, joined_at);
    }
    this.#show(state);
  }

  /** @param {InvitationState} state */
  #show(state) {
    const { status, uses, max_uses } = state;
    this.#section.dataset.status = status;
    showNumbers(this.#section, state);
    const text = this.#section.querySelector(".uses");
    if (text) text.textContent = say(max_uses === null ? "uses.any" : "uses.of", { uses, max: max_uses ?? 0 });
    const isSpent = max_uses !== null && uses >= max_uses;
    // A page that was opened to look at a dead code stays; one that waited for somebody goes where they are.
    if (this.#wasAlive && isSpent) location.assign(this.#section.dataset.chatUrl ?? "/chats");
    else if (OVER.has(status)) this.#die();
  }

  /** The code opens nothing any more; the server's page for that offers a fresh one. */
  #die() {
    this.#rotation?.stop();
    this.#section.querySelector(".qr")?.classList.add("code--dead");
    if (this.#wasAlive) setTimeout(() => location.reload(), 1_500);
    this.#wasAlive = false;
  }

  #offer() {
    const share = /** @type {HTMLElement | null} */ (this.#section.querySelector('[data-action="share"]'));
    // Only secure pages have it; the link can be copied everywhere.
    if (share) share.hidden = !("share" in navigator);
    share?.addEventListener("click", () => this.#share());
    const copy = /** @type {HTMLElement | null} */ (this.#section.querySelector('[data-action="copy"]'));
    if (copy) copy.hidden = false;
    copy?.addEventListener("click", () => this.#copy());
    this.#section.querySelector('[data-action="show"]')?.addEventListener("click", (event) => {
      event.preventDefault();
      showCode(/** @type {HTMLElement} */ (this.#section.querySelector(".qr")));
    });
  }

  async #copy() {
    const isCopied = await copyText(this.#section.dataset.url ?? "");
    this.#tell(say(isCopied ? "copy.done" : "copy.by_hand"));
    if (isCopied) return;
    const link = /** @type {HTMLInputElement | null} */ (this.#section.querySelector(".invitation__url"));
    link?.closest("details")?.setAttribute("open", "");
    link?.select();
  }

  #share() {
    // Closing the sheet rejects, and is no failure.
    navigator.share({ url: this.#section.dataset.url }).catch(() => undefined);
  }

  /** @param {string} sentence */
  #tell(sentence) {
    const said = this.#section.querySelector(".invitation__live");
    if (said) said.textContent = sentence;
  }
}
