/** Arranges rows of a timeline: a separator where a day begins, no repeated name where one person goes on. */

import { dayKey, dayName } from "./time.js";

const SAME_BREATH_MS = 5 * 60_000;

// Messages, and between them who came or went.
const ROWS = ".message, .timeline__log";

/**
 * Put a row behind the last one that belongs before it. A row that already stands there is not moved, for it may hold
 * the focus.
 *
 * @param {HTMLElement} list
 * @param {HTMLElement} row
 */
export function place(list, row) {
  let before = rowFrom(list.lastElementChild, "previousElementSibling");
  while (before && (before === row || !isBefore(before, row))) {
    before = rowFrom(before.previousElementSibling, "previousElementSibling");
  }
  if (row.isConnected && rowFrom(row.previousElementSibling, "previousElementSibling") === before) return;
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
  const next = rowFrom(row.nextElementSibling, "nextElementSibling");
  if (next) settle(next);
}

/**
 * Remove a row and what stood there for its sake.
 *
 * @param {HTMLElement} row
 */
export function takeOut(row) {
  const next = rowFrom(row.nextElementSibling, "nextElementSibling");
  placeSeparator(row, "");
  row.remove();
  if (next) settle(next);
}

/** @param {HTMLElement} row */
function settle(row) {
  const before = rowFrom(row.previousElementSibling, "previousElementSibling");
  const day = dayOf(row);
  const beginsDay = !before || dayOf(before) !== day;
  placeSeparator(row, beginsDay ? day : "");
  if (row.matches(".message")) row.classList.toggle("message--first", beginsDay || !continues(before, row));
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
function rowFrom(start, direction) {
  let element = start;
  while (element && !element.matches(ROWS)) element = element[direction];
  return /** @type {HTMLElement | null} */ (element);
}

/**
 * @param {HTMLElement} other
 * @param {HTMLElement} row
 */
function isBefore(other, row) {
  const [place, version] = placeOf(other);
  const [ownPlace, ownVersion] = placeOf(row);
  return place < ownPlace || (place === ownPlace && version < ownVersion);
}

/**
 * Who came or went stands behind the message after which that was; what is still on its way, at the end.
 *
 * @param {HTMLElement} row
 */
function placeOf({ dataset: { seq, after, version } }) {
  return after ? [Number(after) + 0.5, Number(version)] : [Number(seq) || Infinity, 0];
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
