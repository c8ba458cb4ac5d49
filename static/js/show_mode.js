/** Fills the screen with the code, for holding it up to somebody. */

import { say } from "./strings.js";
import { WakeLock } from "./wake_lock.js";

const wakeLock = new WakeLock();

/** @param {HTMLElement} code the element that holds the picture */
export async function showCode(code) {
  const dialog = document.createElement("dialog");
  const note = document.createElement("p");
  dialog.className = "code code--shown";
  note.className = "code__note";
  dialog.append(...[...code.children].map((child) => child.cloneNode(true)), note, closeButton(dialog));
  dialog.addEventListener("close", () => leave(dialog));
  document.body.append(dialog);
  dialog.showModal();
  // Phones without it (iPhones) still get the whole page.
  document.documentElement.requestFullscreen?.().catch(() => undefined);
  if (!(await wakeLock.keep())) note.textContent = say(isSecureContext ? "show.may_sleep" : "show.may_sleep_http");
}

/** @param {HTMLDialogElement} dialog */
function closeButton(dialog) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "button show__close";
  button.textContent = say("show.close");
  button.addEventListener("click", () => dialog.close());
  return button;
}

/** @param {HTMLDialogElement} dialog */
function leave(dialog) {
  wakeLock.release();
  dialog.remove();
  if (document.fullscreenElement) document.exitFullscreen();
}
