/** Says in a word that something was done, or why it was not, and goes away by itself. */

const SHOWN_MS = 4_000;

/** @param {string} sentence */
export function toast(sentence) {
  const shown = document.createElement("p");
  shown.className = "toast";
  shown.setAttribute("role", "status");
  document.querySelector(".toast")?.remove();
  document.body.append(shown);
  // A screen reader reads what comes into a live region, not what was in it from the first.
  requestAnimationFrame(() => (shown.textContent = sentence));
  setTimeout(() => shown.remove(), SHOWN_MS);
}
