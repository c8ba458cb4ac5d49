/** Keeps the page of what waits for approval as it is on the server, whoever writes or decides. */

import { get } from "./api.js";
import { dayKey, listTime } from "./time.js";

/**
 * @param {HTMLElement} section
 * @param {import("./page.js").Page} page
 */
export function startHeldList(section, page) {
  const { chat = "" } = section.dataset;
  const look = async () => {
    const answer = await get(`/api/chats/${chat}/held`).catch(() => null);
    if (answer) show(section, answer.items, answer.has_more);
  };
  page.on("held.changed", (item) => item.chat === chat && look());
  page.on("hello", look);
}

/**
 * Rows that stay are left alone: somebody may be about to press one.
 *
 * @param {HTMLElement} section
 * @param {Held[]} items
 * @param {boolean} hasMore
 */
function show(section, items, hasMore) {
  const rows = /** @type {HTMLElement[]} */ ([...section.querySelectorAll("[data-held]")]);
  const waiting = new Set(items.map(({ id }) => id));
  for (const row of rows) if (!waiting.has(row.dataset.held ?? "")) row.remove();
  const shown = new Set(rows.map((row) => row.dataset.held));
  const list = /** @type {HTMLElement} */ (section.querySelector(".held__list"));
  for (const held of items) if (!shown.has(held.id)) list.append(rowOf(section, held));
  note(section, "none").hidden = items.length > 0;
  note(section, "more").hidden = !hasMore;
}

/**
 * @param {HTMLElement} section
 * @param {string} name
 */
function note(section, name) {
  return /** @type {HTMLElement} */ (section.querySelector(`[data-note="${name}"]`));
}

/**
 * @param {HTMLElement} section
 * @param {Held} held
 */
function rowOf(section, held) {
  const template = /** @type {HTMLTemplateElement} */ (section.querySelector("template"));
  const row = document.importNode(/** @type {HTMLElement} */ (template.content.firstElementChild), true);
  /** @type {(selector: string) => any} */
  const part = (selector) => row.querySelector(selector);
  row.dataset.held = held.id;
  part("a").href = `/people/${held.sender.id}`;
  part("bdi").textContent = held.sender.display_name;
  Object.assign(part("time"), { dateTime: held.held_at, textContent: listTime(held.held_at, dayKey(new Date())) });
  Object.assign(part(".later__body"), { textContent: held.body, hidden: !held.body });
  part(".held__files").textContent = held.attachments.map(({ name }) => name).join(", ");
  const path = `/chats/${held.chat}/held/${held.id}`;
  for (const form of row.querySelectorAll("form")) form.action = `${path}/${form.dataset.deed}`;
  return row;
}
