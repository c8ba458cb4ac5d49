/** Shows one picture as large as the screen is; arrows lead to the others that stand in the page. */

/**
 * @param {HTMLElement} section
 * @param {HTMLElement} picture the link that was pressed
 */
export function look(section, picture) {
  const dialog = /** @type {HTMLDialogElement} */ (section.querySelector('[data-dialog="lightbox"]'));
  const ended = new AbortController();
  const { signal } = ended;
  /** @type {HTMLElement[]} */
  const pictures = [...section.querySelectorAll('[data-action="view"]')].map((one) => /** @type {HTMLElement} */ (one));
  let place = pictures.indexOf(picture);
  const show = () => showIn(dialog, pictures[place], place, pictures.length);
  const step = (/** @type {number} */ by) => {
    place = Math.min(Math.max(place + by, 0), pictures.length - 1);
    show();
  };
  for (const button of dialog.querySelectorAll("[data-step]")) {
    const by = Number(/** @type {HTMLElement} */ (button).dataset.step);
    button.addEventListener("click", () => step(by), { signal });
  }
  const arrows = /** @type {Record<string, number>} */ ({ ArrowLeft: -1, ArrowRight: 1 });
  dialog.addEventListener("keydown", ({ key }) => key in arrows && step(arrows[key]), { signal });
  dialog.querySelector('[data-action="close"]')?.addEventListener("click", () => dialog.close(), { signal });
  dialog.addEventListener("close", () => [ended.abort(), pictures[place].focus()], { once: true });
  show();
  dialog.showModal();
}

/**
 * @param {HTMLDialogElement} dialog
 * @param {HTMLElement} picture
 * @param {number} place
 * @param {number} count
 */
function showIn(dialog, picture, place, count) {
  const image = /** @type {HTMLImageElement} */ (dialog.querySelector(".lightbox__image"));
  const name = picture.querySelector(".file__image")?.getAttribute("alt") ?? "";
  image.src = picture.dataset.large ?? "";
  image.alt = name;
  const title = dialog.querySelector(".lightbox__name");
  if (title) title.textContent = name;
  dialog.querySelector("a[download]")?.setAttribute("href", picture.getAttribute("href") ?? "");
  for (const button of dialog.querySelectorAll("[data-step]")) {
    const by = Number(/** @type {HTMLElement} */ (button).dataset.step);
    /** @type {HTMLButtonElement} */ (button).hidden = place + by < 0 || place + by >= count;
  }
}
