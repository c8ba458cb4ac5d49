/** Keeps the forms about a chat as the chat is: what another device or another person has changed appears. */

import { showChatPicture } from "./avatar.js";

const FOR_GOOD = "9999-12-31";

/**
 * @param {HTMLElement} panel
 * @param {import("./page.js").Page} page
 */
export function startChatSettings(panel, page) {
  const chat = panel.dataset.chat ?? "";
  page.on("chat_preferences.changed", (item) => {
    if (item.chat === chat) fill(formOf(panel, "mine"), asMine(item.preferences));
  });
  page.on("chat.changed", (item) => {
    if (item.chat !== chat) return;
    fill(formOf(panel, "rules"), asRules(item.summary));
    const avatar = /** @type {HTMLElement | null} */ (panel.querySelector("[data-chat-avatar]"));
    if (avatar) showChatPicture(avatar, item.summary);
  });
}

/**
 * @param {HTMLElement} panel
 * @param {string} name
 */
function formOf(panel, name) {
  return /** @type {HTMLFormElement | null} */ (panel.querySelector(`[data-form="${name}"]`));
}

/** @param {ChatPreferences} preferences */
function asMine({ notify, muted_until, pinned, favourite, archived }) {
  const mute = muted_until ? (muted_until >= FOR_GOOD ? "forever" : "keep") : "";
  return { notify, mute, pinned, favourite, archived };
}

/** @param {ChatSummary} summary */
function asRules({ slow_mode_s, keeps_days, ...rest }) {
  return { ...rest, slow_mode_s: String(slow_mode_s), keeps_days: String(keeps_days) };
}

/**
 * What somebody is just writing stays.
 *
 * @param {HTMLFormElement | null} form
 * @param {Record<string, any>} values
 */
function fill(form, values) {
  const controls = /** @type {Iterable<HTMLInputElement | HTMLSelectElement>} */ (form?.elements ?? []);
  for (const control of controls) {
    const value = values[control.name];
    if (value === undefined || control === document.activeElement) continue;
    if (control.type === "radio" || control.type === "checkbox") {
      /** @type {HTMLInputElement} */ (control).checked = value === true || value === control.value;
    } else control.value = value;
  }
}
