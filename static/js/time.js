/** Says times and days in the reader's language and time zone. */

import { longDay, shortDay, wordsOf } from "./date_words.js";

/** @param {string | Date} time */
export function clockTime(time, language = pageLanguage()) {
  const format = { hour: "2-digit", minute: "2-digit", timeZone: chosenZone() };
  return new Intl.DateTimeFormat(language, /** @type {any} */ (format)).format(new Date(time));
}

/**
 * The day of a time in the reader's zone, as a key that sorts: 2026-11-22.
 *
 * @param {string | Date} time
 * @param {string} [timeZone] the reader's own unless given
 */
export function dayKey(time, timeZone = chosenZone()) {
  // Swedish writes dates as ISO 8601 does.
  return new Intl.DateTimeFormat("sv-SE", { dateStyle: "short", timeZone }).format(new Date(time));
}

/**
 * A day as people say it: "today", "yesterday", "Friday 20 November", with the year if it is another one.
 *
 * @param {string} key as dayKey makes it
 * @param {string} today the key of the present day
 */
export function dayName(key, today, language = pageLanguage()) {
  const daysAgo = Math.round((Date.parse(today) - Date.parse(key)) / 86_400_000);
  if (daysAgo === 0 || daysAgo === 1) return capitalised(relativeDay(-daysAgo, language), language);
  const words = wordsOf(language);
  if (words) return capitalised(longDay(words, key, otherYear(key, today)), language);
  const year = otherYear(key, today) && "numeric";
  const format = { weekday: "long", day: "numeric", month: "long", year, timeZone: "UTC" };
  return capitalised(new Intl.DateTimeFormat(language, /** @type {any} */ (format)).format(Date.parse(key)), language);
}

/**
 * When a chat last moved, for its line in the list: the clock today, else the date.
 *
 * @param {string | Date} time
 * @param {string} today
 */
export function listTime(time, today, language = pageLanguage()) {
  const key = dayKey(time);
  if (key === today) return clockTime(time, language);
  const words = wordsOf(language);
  if (words) return shortDay(words, key, otherYear(key, today));
  const year = otherYear(key, today) && "2-digit";
  const format = { day: "numeric", month: "short", year, timeZone: chosenZone() };
  return new Intl.DateTimeFormat(language, /** @type {any} */ (format)).format(new Date(time));
}

/**
 * The clock; of another day, after the date.
 *
 * @param {string} time
 */
export function timeToTheMinute(time, today = dayKey(new Date()), language = pageLanguage()) {
  const clock = clockTime(time, language);
  return dayKey(time) === today ? clock : `${listTime(time, today, language)}, ${clock}`;
}

/**
 * The year of a day, where it is not that of today.
 *
 * @param {string} key
 * @param {string} today
 */
function otherYear(key, today) {
  return key.slice(0, 4) === today.slice(0, 4) ? undefined : key.slice(0, 4);
}

/** The zone that the reader has chosen; the device's own without. */
function chosenZone() {
  return globalThis.document?.documentElement?.dataset?.timeZone || undefined;
}

function pageLanguage() {
  return document.documentElement.lang || "en";
}

/**
 * @param {number} days
 * @param {string} language
 */
function relativeDay(days, language) {
  const words = wordsOf(language);
  if (words) return days === 0 ? words.today : words.yesterday;
  return new Intl.RelativeTimeFormat(language, { numeric: "auto" }).format(days, "day");
}

/**
 * @param {string} text
 * @param {string} language
 */
function capitalised(text, language) {
  return text.charAt(0).toLocaleUpperCase(language) + text.slice(1);
}
