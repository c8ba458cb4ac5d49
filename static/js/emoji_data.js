/** Finds emoji by group and by what people call them. */

/** @typedef {{ emoji: string, group: number, name: string, words: string }} Emoji */

/**
 * @param {string} lines one emoji a line: itself, its group, its name, and further words, between bars
 * @returns {Emoji[]}
 */
export function parsed(lines) {
  return lines.split("\n").map((line) => {
    const [emoji, group, name, further = ""] = line.split("|");
    return { emoji, group: Number(group), name, words: `${name} ${further}`.toLowerCase() };
  });
}

/**
 * Those whose name or words begin with each word of the question; whose name begins with it first.
 *
 * @param {Emoji[]} all
 * @param {string} query
 * @returns {Emoji[]}
 */
export function found(all, query) {
  const asked = query.trim().toLowerCase().split(/\s+/);
  const fits = all.filter(({ words }) => asked.every((word) => ` ${words}`.includes(` ${word}`)));
  const first = fits.filter(({ words }) => words.startsWith(asked[0]));
  return [...first, ...fits.filter((emoji) => !first.includes(emoji))];
}

/**
 * The ones chosen last, the newest first.
 *
 * @param {string[]} recent
 * @param {string} chosen
 * @param {number} [limit]
 */
export function afterChoosing(recent, chosen, limit = 24) {
  return [chosen, ...recent.filter((emoji) => emoji !== chosen)].slice(0, limit);
}

/**
 * Where an arrow key leads in a grid.
 *
 * @param {string} key
 * @param {number} index
 * @param {number} count
 * @param {number} columns
 * @returns {number} the same index where it leads nowhere
 */
export function step(key, index, count, columns) {
  const steps = /** @type {Record<string, number>} */ ({
    ArrowRight: 1, ArrowLeft: -1, ArrowDown: columns, ArrowUp: -columns, Home: -index, End: count - 1 - index,
  });
  const next = index + (steps[key] ?? 0);
  return next >= 0 && next < count ? next : index;
}
