/** Reads the sentences that the server rendered, in the page's language, into `<template id="strings">`. */

/**
 * A sentence by its key, with `{name}` places filled. An unknown key is shown as it is: seen at once, never a crash.
 *
 * @param {string} key
 * @param {Record<string, string | number>} [values]
 * @returns {string}
 */
export function say(key, values = {}) {
  const holder = /** @type {HTMLTemplateElement | null} */ (document.getElementById("strings"));
  const sentence = holder?.content.querySelector(`[data-key="${CSS.escape(key)}"]`)?.textContent ?? key;
  return fill(sentence.trim(), values);
}

/**
 * A sentence about so many, in the form that the page's language has for them: `key.one`, `key.few`, `key.many`, …
 *
 * @param {string} key
 * @param {number} count
 */
export function sayCount(key, count) {
  return say(`${key}.${formOf(count)}`, { count });
}

/** Which form the page's language has for so many. @param {number} count */
export function formOf(count) {
  return new Intl.PluralRules(document.documentElement.lang || "en").select(count);
}

/**
 * @param {string} sentence
 * @param {Record<string, string | number>} values
 */
export function fill(sentence, values) {
  return sentence.replace(/\{(\w+)\}/g, (place, name) => (name in values ? String(values[name]) : place));
}
