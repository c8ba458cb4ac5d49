/** Shows how people took a message: an emoji and a number each, pressed where one is among them. */

import { say } from "./strings.js";

/**
 * Draw the reactions of a message; a button that stays keeps the focus.
 *
 * @param {HTMLElement} row
 * @param {Message} message
 * @param {string} me
 */
export function showReactions(row, message, me) {
  const given = message.reactions ?? [];
  const holder = row.querySelector(".reactions") ?? (given.length > 0 ? newHolder(row) : null);
  if (!holder) return;
  const focused = /** @type {HTMLElement | null} */ (document.activeElement);
  const shown = new Map(buttons(holder).map((button) => [button.value, button]));
  holder.replaceChildren(...given.map((reaction) => chip(shown.get(reaction.emoji) ?? newChip(), reaction, me)));
  if (given.length === 0) holder.remove();
  if (focused?.isConnected) focused.focus({ preventScroll: true });
}

/**
 * Read back what the server rendered.
 *
 * @param {HTMLElement} row
 * @returns {Reaction[]}
 */
export function renderedReactions(row) {
  return buttons(row).map((button) => ({
    emoji: button.value,
    count: Number(button.querySelector(".reaction__count")?.textContent),
    users: (button.dataset.users ?? "").split(" "),
  }));
}

/** @param {ParentNode} holder */
function buttons(holder) {
  return /** @type {HTMLButtonElement[]} */ ([...holder.querySelectorAll(".reaction")]);
}

/** @param {HTMLElement} row */
function newHolder(row) {
  const holder = document.createElement("div");
  holder.className = "reactions";
  holder.setAttribute("role", "group");
  holder.setAttribute("aria-label", say("reactions"));
  row.querySelector(".message__bubble")?.append(holder);
  return holder;
}

function newChip() {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "reaction";
  for (const name of ["emoji", "count"]) {
    const part = document.createElement("span");
    part.className = `reaction__${name}`;
    button.append(part, name === "emoji" ? " " : "");
  }
  return button;
}

/**
 * @param {HTMLButtonElement} button
 * @param {Reaction} reaction
 * @param {string} me
 */
function chip(button, { emoji, count, users }, me) {
  button.value = emoji;
  button.dataset.users = users.join(" ");
  button.setAttribute("aria-pressed", String(users.includes(me)));
  /** @type {HTMLElement} */ (button.querySelector(".reaction__emoji")).textContent = emoji;
  /** @type {HTMLElement} */ (button.querySelector(".reaction__count")).textContent = String(count);
  return button;
}
