/** A button that prints the page. */

/** @param {HTMLElement} button */
export function startPrint(button) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}
