/** Closes floating menus when the person turns to something else; opening them needs no script. */

const OPEN_MENU = "details.menu[open]";

export function closeMenusElsewhere() {
  document.addEventListener("click", (event) => {
    for (const menu of openMenus()) if (!menu.contains(/** @type {Node} */ (event.target))) menu.open = false;
  });
  document.addEventListener("keydown", (event) => event.key === "Escape" && openMenus().forEach(close));
}

/** @returns {HTMLDetailsElement[]} */
function openMenus() {
  return [...document.querySelectorAll(OPEN_MENU)].map((menu) => /** @type {HTMLDetailsElement} */ (menu));
}

/** @param {HTMLDetailsElement} menu */
function close(menu) {
  // Who was inside is not left nowhere.
  if (menu.contains(document.activeElement)) menu.querySelector("summary")?.focus();
  menu.open = false;
}
