/** Opens the card of whoever's name or picture is pressed; the link leads to the page of it where that fails. */

export function openCards() {
  document.addEventListener("click", (event) => {
    const link = /** @type {Element} */ (event.target).closest?.("a[data-card]");
    if (!link || event.defaultPrevented || event.button !== 0 || opensElsewhere(event)) return;
    event.preventDefault();
    show(/** @type {HTMLAnchorElement} */ (link));
  });
}

/** @param {MouseEvent} event in another tab or window, or as a download */
function opensElsewhere({ metaKey, ctrlKey, shiftKey, altKey }) {
  return metaKey || ctrlKey || shiftKey || altKey;
}

/** @param {HTMLAnchorElement} link */
async function show(link) {
  try {
    const { showCard } = await import("./person_card.js");
    await showCard(link);
  } catch {
    location.assign(link.href);
  }
}
