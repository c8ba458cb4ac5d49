/** Helps to keep the recovery codes, which are shown once: copied, as a file, on paper. */

import { copyText } from "./copy.js";
import { say } from "./strings.js";

const FILE = "abdre-chat-recovery-codes.txt";

/** @param {HTMLElement} section */
export function startRecoveryCodes(section) {
  const codes = [...section.querySelectorAll("li")].map((code) => code.textContent ?? "").join("\n");
  const said = /** @type {HTMLElement} */ (section.querySelector(".recovery-codes__said"));
  const deeds = /** @type {HTMLElement} */ (section.querySelector(".recovery-codes__deeds"));
  deeds.hidden = false;
  on(deeds, "copy", async () => {
    said.textContent = say((await copyText(codes)) ? "codes.copied" : "codes.by_hand");
  });
  on(deeds, "download", () => download(codes));
  on(deeds, "print", () => window.print());
}

/**
 * @param {HTMLElement} deeds
 * @param {string} name
 * @param {() => unknown} deed
 */
function on(deeds, name, deed) {
  deeds.querySelector(`[data-action="${name}"]`)?.addEventListener("click", deed);
}

/** @param {string} text */
function download(text) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([`${location.host}\n\n${text}\n`], { type: "text/plain" }));
  link.download = FILE;
  link.click();
  URL.revokeObjectURL(link.href);
}
