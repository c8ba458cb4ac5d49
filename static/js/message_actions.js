/** Hears which deed is wanted on which message. */

/**
 * @typedef {"reply" | "unread" | "pin" | "unpin" | "edit" | "delete" | "retry" | "discard" | "remove-preview"}
 *   MessageAction
 */

const ACTIONS = new Set(["reply", "unread", "pin", "unpin", "edit", "delete", "retry", "discard", "remove-preview"]);

/**
 * @param {HTMLElement} list
 * @param {(action: MessageAction, row: HTMLElement) => void} deed
 */
export function onMessageAction(list, deed) {
  list.addEventListener("click", (event) => {
    const target = /** @type {HTMLElement} */ (event.target);
    const control = /** @type {HTMLElement | null} */ (target.closest("[data-action]"));
    const row = /** @type {HTMLElement | null} */ (target.closest(".message"));
    const action = control?.dataset.action ?? "";
    // With a modifier a link is meant as a link: its own page works without this script.
    if (!row || !ACTIONS.has(action) || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    control?.closest("details")?.removeAttribute("open");
    deed(/** @type {MessageAction} */ (action), row);
  });
}

/**
 * Ask before something is done that cannot be undone.
 *
 * @param {HTMLDialogElement | null} dialog whose form's buttons carry the answer as their value
 * @param {string} yes the value that agrees
 * @returns {Promise<boolean>}
 */
export function confirmed(dialog, yes) {
  if (!dialog) return Promise.resolve(true);
  return new Promise((resolve) => {
    // Escape leaves the value of the last time behind.
    dialog.returnValue = "";
    dialog.addEventListener("close", () => resolve(dialog.returnValue === yes), { once: true });
    dialog.showModal();
  });
}
