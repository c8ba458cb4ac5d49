/** Offers to copy or to share a link that the page shows. */

import { copyText } from "./copy.js";
import { say } from "./strings.js";

/** @param {HTMLElement} section with `data-url` */
export function startCopyLink(section) {
  const url = section.dataset.url ?? "";
  const said = section.querySelector(".copied");
  section.querySelector('[data-action="copy"]')?.addEventListener("click", async () => {
    const isCopied = await copyText(url);
    if (said) said.textContent = say(isCopied ? "copy.done" : "copy.by_hand");
    if (!isCopied) section.querySelector("input")?.select();
  });
  const share = /** @type {HTMLElement | null} */ (section.querySelector('[data-action="share"]'));
  // Only secure pages have it; the link can be copied everywhere.
  if (share) share.hidden = !("share" in navigator);
  // Closing the sheet rejects, and is no failure.
  share?.addEventListener("click", () => void navigator.share({ url }).catch(() => undefined));
}
