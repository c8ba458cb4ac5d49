/** Arranges rows of a timeline: a separator where a day begins, no repeated name where one person goes on. */

import { dayKey, dayName } from "./time.js";

const SAME_BREATH_MS = 5 * 60_000;

/**
 * Put a numbered row behind the last one with a smaller number. A row that already stands there is not moved, for it
 * may hold the focus.
 *
 * @param {HTMLElement} list
 * @param {HTMLElement} row
 */
export function place(list, row) {
  const seq = seqOf(row);
  const isBefore = (/** @type {HTMLElement} */ other) => seqOf(other) > 0 && seqOf(other) < seq;
  let before = messageFrom(list.lastElementChild, "previousElementSibling");
  while (before && (before === row || !isBefore(before))) {
    before = messageFrom(before.previousElementSibling, "previousElementSibling");
  }
  if (row.isConnected && messageFrom(row.previousElementSibling, "previousElementSibling") === before) return;
  if (before) before.after(row);
  else list.prepend(row);
}

/**
 * Put right what stands around a row that was inserted, moved or changed.
 *
 * @param {HTMLElement} row
 */
export function arrange(row) {
  settle(row);
  const next = messageFrom(row.nextElementSibling, "nextElementSibling");
  if (next) settle(next);
}

/**
 * Remove a row and what stood there for its sake.
 *
 * @param {HTMLElement} row
 */
export function takeOut(row) {
  const next = messageFrom(row.nextElementSibling, "nextElementSibling");
  placeSeparator(row, "");
  row.remove();
  if (next) settle(next);
}

/** @param {HTMLElement} row */
function settle(row) {
  const before = messageFrom(row.previousElementSibling, "previousElementSibling");
  const day = dayOf(row);
  const beginsDay = !before || dayOf(before) !== day;
  placeSeparator(row, beginsDay ? day : "");
  row.classList.toggle("message--first", beginsDay || !continues(before, row));
}

/**
 * @param {HTMLElement} row
 * @param {string} day empty when no day begins here
 */
function placeSeparator(row, day) {
  const present = /** @type {HTMLElement | null} */ (row.previousElementSibling);
  const isSeparator = present?.classList.contains("timeline__day") ?? false;
  if (isSeparator && present?.dataset.day === day) return;
  if (isSeparator) present?.remove();
  if (day) row.before(separator(day));
}

/** @param {string} day */
function separator(day) {
  const item = document.createElement("li");
  const time = document.createElement("time");
  item.className = "timeline__day";
  item.dataset.day = day;
  time.dateTime = day;
  time.textContent = dayName(day, dayKey(new Date()));
  item.append(time);
  return item;
}

/**
 * @param {Element | null} start
 * @param {"nextElementSibling" | "previousElementSibling"} direction
 * @returns {HTMLElement | null}
 */
function messageFrom(start, direction) {
  let element = start;
  while (element && !element.classList.contains("message")) element = element[direction];
  return /** @type {HTMLElement | null} */ (element);
}

/** @param {HTMLElement} row 0 for one that is still on its way */
function seqOf(row) {
  return Number(row.dataset.seq || 0);
}

/** @param {HTMLElement} row */
function dayOf(row) {
  return dayKey(row.dataset.createdAt ?? "");
}

/**
 * @param {HTMLElement} before
 * @param {HTMLElement} row
 */
function continues(before, row) {
  const pauseMs = Date.parse(row.dataset.createdAt ?? "") - Date.parse(before.dataset.createdAt ?? "");
  return voiceOf(before) === voiceOf(row) && pauseMs < SAME_BREATH_MS;
}

/** A webhook may speak under many names. @param {HTMLElement} row */
function voiceOf({ dataset }) {
  return `${dataset.sender} ${dataset.shownAs ?? ""}`;
}
