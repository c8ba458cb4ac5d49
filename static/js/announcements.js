/** Decides what a screen reader is told of the timeline: what people write now, not what is loaded or drawn anew. */

// Screen readers look a moment after the change.
const SETTLED_MS = 1_000;

/**
 * Change a live region without having it read out.
 *
 * @template T
 * @param {HTMLElement} region
 * @param {() => T} change
 * @returns {T}
 */
export function quietly(region, change) {
  const live = region.getAttribute("aria-live") ?? "polite";
  if (live === "off") return change();
  region.setAttribute("aria-live", "off");
  setTimeout(() => region.setAttribute("aria-live", live), SETTLED_MS);
  return change();
}
