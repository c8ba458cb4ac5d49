/** Makes the parts of the emoji picker. */

/** @param {HTMLElement[]} all */
export function columns(all) {
  return Math.max(1, all.findIndex(({ offsetTop }) => offsetTop > all[0].offsetTop));
}

/**
 * @param {string} title
 * @param {import("./emoji_data.js").Emoji[]} emoji
 */
export function section(title, emoji) {
  const shown = element("section", "emoji-picker__group", {});
  const grid = element("div", "emoji-picker__grid", {});
  const heading = element("h3", "emoji-picker__title", {});
  heading.textContent = title;
  for (const one of emoji) {
    const attributes = { type: "button", "aria-label": one.name, title: one.name, tabindex: "-1" };
    grid.append(Object.assign(element("button", "emoji-picker__emoji", attributes), { textContent: one.emoji }));
  }
  shown.append(heading, grid);
  return shown;
}

/**
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {string} className
 * @param {Record<string, string>} attributes
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function element(tag, className, attributes) {
  const made = document.createElement(tag);
  made.className = className;
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
}
