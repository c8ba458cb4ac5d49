/** Lets a person choose an emoji: by group, by name, or one chosen before. Loaded when it is asked for. */

import { afterChoosing, found, parsed, step } from "./emoji_data.js";
import { columns, element, section } from "./emoji_grid.js";
import { say } from "./strings.js";

const GROUPS = [0, 1, 3, 4, 5, 6, 7, 8, 9];
const SIGNS = ["😀", "👋", "🐻", "🍎", "✈️", "⚽", "💡", "❤️", "🏁"];
const RECENT = "emoji.recent";

/** @typedef {import("./emoji_data.js").Emoji} Emoji */

/**
 * @param {import("./kept.js").Kept} kept
 * @param {HTMLElement | null} [opener] what has the focus afterwards
 * @returns {Promise<string>} empty where nothing was chosen
 */
export async function pickEmoji(kept, opener) {
  const picker = new Picker(await load(), kept);
  const chosen = await picker.chosen();
  opener?.focus();
  return chosen;
}

/** @type {Promise<Emoji[]> | undefined} */
let loading;

function load() {
  loading ??= (
    document.documentElement.lang.startsWith("ru")
      ? import("../vendor/emoji/ru.js")
      : import("../vendor/emoji/en.js")
  ).then((data) => parsed(data.default));
  loading.catch(() => (loading = undefined));
  return loading;
}

class Picker {
  #all;
  #kept;
  #dialog = element("dialog", "emoji-picker", { "aria-label": say("emoji") });
  #search = element("input", "emoji-picker__search", { type: "search", "aria-label": say("emoji.search") });
  #body = element("div", "emoji-picker__body", {});

  /**
   * @param {Emoji[]} all
   * @param {import("./kept.js").Kept} kept
   */
  constructor(all, kept) {
    this.#all = all;
    this.#kept = kept;
    this.#search.placeholder = say("emoji.search");
    this.#search.addEventListener("input", () => this.#show());
    this.#dialog.append(this.#search, this.#tabs(), this.#body);
    this.#dialog.addEventListener("click", (event) => this.#clicked(event));
    this.#dialog.addEventListener("keydown", (event) => this.#pressed(event));
    this.#show();
  }

  /** @returns {Promise<string>} */
  chosen() {
    document.body.append(this.#dialog);
    this.#dialog.showModal();
    return new Promise((resolve) => {
      this.#dialog.addEventListener("close", () => {
        this.#dialog.remove();
        const { returnValue } = this.#dialog;
        if (returnValue) this.#kept.set(RECENT, afterChoosing(this.#recent(), returnValue).join(" "));
        resolve(returnValue);
      });
    });
  }

  #recent() {
    return (this.#kept.get(RECENT) ?? "").split(" ").filter(Boolean);
  }

  #tabs() {
    const tabs = element("div", "emoji-picker__tabs", {});
    GROUPS.forEach((group, index) => {
      const tab = element("button", "emoji-picker__tab", { type: "button", "aria-label": say(`group.${group}`) });
      tab.textContent = SIGNS[index];
      tab.dataset.group = String(group);
      // On a phone the search would call the keyboard, over half of what there is to choose from.
      tab.autofocus = index === 0 && matchMedia("(pointer: coarse)").matches;
      tabs.append(tab);
    });
    return tabs;
  }

  #show() {
    const query = this.#search.value.trim();
    this.#body.replaceChildren(...(query ? [this.#found(query)] : this.#groups()));
    this.#body.querySelector(".emoji-picker__emoji")?.setAttribute("tabindex", "0");
    this.#body.scrollTop = 0;
  }

  /** @param {string} query */
  #found(query) {
    const emoji = found(this.#all, query);
    return section(emoji.length > 0 ? say("emoji.found") : say("emoji.none"), emoji);
  }

  #groups() {
    const known = new Map(this.#all.map((one) => [one.emoji, one]));
    const recent = this.#recent().flatMap((emoji) => known.get(emoji) ?? []);
    const groups = GROUPS.map((group) => {
      const shown = section(say(`group.${group}`), this.#all.filter((one) => one.group === group));
      shown.dataset.group = String(group);
      return shown;
    });
    return recent.length > 0 ? [section(say("emoji.recent"), recent), ...groups] : groups;
  }

  /** @param {MouseEvent} event */
  #clicked(event) {
    const target = /** @type {HTMLElement} */ (event.target);
    if (target === this.#dialog) this.#dialog.close("");
    if (target.matches(".emoji-picker__emoji")) this.#dialog.close(target.textContent ?? "");
    if (target.matches(".emoji-picker__tab")) this.#leadTo(target.dataset.group ?? "");
  }

  /** @param {string} group */
  #leadTo(group) {
    this.#search.value = "";
    this.#show();
    this.#body.querySelector(`[data-group="${group}"]`)?.scrollIntoView();
  }

  /** One emoji is in the tab order; arrows lead to the others. @param {KeyboardEvent} event */
  #pressed(event) {
    const all = /** @type {HTMLElement[]} */ ([...this.#body.querySelectorAll(".emoji-picker__emoji")]);
    const index = all.indexOf(/** @type {HTMLElement} */ (event.target));
    if (event.target === this.#search && event.key === "Enter" && all[0]) all[0].click();
    const isDown = event.target === this.#search && event.key === "ArrowDown";
    const next = isDown ? 0 : index < 0 ? -1 : step(event.key, index, all.length, columns(all));
    if (!all[next] || next === index) return;
    event.preventDefault();
    all[index]?.setAttribute("tabindex", "-1");
    all[next].setAttribute("tabindex", "0");
    all[next].focus();
  }
}
