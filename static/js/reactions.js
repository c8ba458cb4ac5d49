/** Lets a person react to messages, and tells whose the reactions are. */

import { get } from "./api.js";
import { CommandError } from "./commands.js";
import { patiently } from "./patience.js";
import { say } from "./strings.js";
import { toast } from "./toast.js";

export class Reactions {
  #parts;
  #page;
  #chat;

  /**
   * @param {HTMLElement} section
   * @param {ChatParts} parts
   * @param {import("./page.js").Page} page
   */
  constructor(section, parts, page) {
    this.#parts = parts;
    this.#page = page;
    this.#chat = section.dataset.chat ?? "";
    const list = /** @type {HTMLElement} */ (section.querySelector(".timeline__list"));
    list.addEventListener("click", (event) => this.#clicked(event));
    list.addEventListener("pointerover", ({ target }) => this.#named(/** @type {HTMLElement} */ (target)));
    list.addEventListener("focusin", ({ target }) => this.#named(/** @type {HTMLElement} */ (target)));
  }

  /** @param {MouseEvent} event */
  #clicked(event) {
    const target = /** @type {HTMLElement} */ (event.target);
    const button = /** @type {HTMLButtonElement | null} */ (target.closest(".reaction, [data-action='react']"));
    const message = this.#parts.store.get(Number(button?.closest(".message")?.getAttribute("data-seq")));
    if (!button || !message || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    button.closest("details")?.removeAttribute("open");
    if (button.value) this.#toggle(message, button.value);
    else this.#choose(message, button);
  }

  /**
   * @param {Message} message
   * @param {HTMLElement} opener
   */
  async #choose(message, opener) {
    const { pickEmoji } = await patiently(() => import("./emoji_picker.js"));
    const emoji = await pickEmoji(this.#page.kept, opener.closest(".message")?.querySelector("summary"));
    if (emoji) this.#send(message, emoji, true);
  }

  /**
   * @param {Message} message
   * @param {string} emoji
   */
  async #toggle(message, emoji) {
    this.#send(message, emoji, !(await this.#isMine(message, emoji)));
  }

  /**
   * Many people's ids do not come with the message: who is not among the first is asked for.
   *
   * @param {Message} message
   * @param {string} emoji
   */
  async #isMine({ seq, reactions = [] }, emoji) {
    const { users = [], count = 0 } = reactions.find((reaction) => reaction.emoji === emoji) ?? {};
    if (users.includes(this.#page.me) || users.length === count) return users.includes(this.#page.me);
    const { items } = await get(`/api/chats/${this.#chat}/messages/${seq}/reactions`).catch(() => ({ items: [] }));
    return items.some((/** @type {any} */ item) => item.emoji === emoji && item.mine);
  }

  /**
   * @param {Message} message
   * @param {string} emoji
   * @param {boolean} on
   */
  async #send({ seq }, emoji, on) {
    try {
      await this.#page.connection.command("message.react", { chat: this.#chat, seq, emoji, on });
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      toast(error.sentence || say(`error.${error.code}`));
    }
  }

  /** Who it was, as far as their names are known. @param {HTMLElement} target */
  #named(target) {
    const button = /** @type {HTMLElement | null} */ (target.closest(".reaction"));
    if (!button) return;
    const names = (button.dataset.users ?? "").split(" ").map((user) => this.#parts.roster.nameOf(user));
    button.title = names.filter(Boolean).join(", ");
  }
}
