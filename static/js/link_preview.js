/** Shows the card below a message: what the page behind its link says of itself. */

/**
 * One that stands there already, made by the server or before, is not made again.
 *
 * @param {HTMLElement} row
 * @param {Message} message
 * @param {boolean} mayRemove
 */
export function showPreview(row, message, mayRemove) {
  const shown = renderedPreview(row).link_preview;
  const { link_preview: preview } = message;
  if (sameAs(shown) !== sameAs(preview)) {
    row.querySelector(".link-preview")?.remove();
    if (preview) row.querySelector(".message__body")?.after(made(preview, message));
  }
  for (const form of row.querySelectorAll(".link-preview__remove")) form.toggleAttribute("hidden", !mayRemove);
}

/**
 * @param {HTMLElement} row
 * @returns {Pick<Message, "link_preview">}
 */
export function renderedPreview(row) {
  const card = /** @type {HTMLElement | null} */ (row.querySelector(".link-preview"));
  if (!card) return {};
  const text = (/** @type {string} */ part) => card.querySelector(`.link-preview__${part}`)?.textContent ?? "";
  const { picture } = card.dataset;
  return {
    link_preview: {
      url: card.querySelector("a")?.getAttribute("href") ?? "",
      title: text("title"),
      description: text("description"),
      site_name: text("site"),
      picture: picture ? { id: picture, width: 0, height: 0 } : null,
    },
  };
}

/** @param {LinkPreview | undefined} preview */
function sameAs(preview) {
  return preview && [preview.url, preview.picture?.id, preview.title].join("\n");
}

/**
 * @param {LinkPreview} preview
 * @param {Message} message
 */
function made({ url, title, description, site_name, picture }, { chat, seq }) {
  const template = /** @type {HTMLTemplateElement} */ (document.querySelector('[data-template="link-preview"]'));
  const card = /** @type {HTMLElement} */ (document.importNode(template.content, true).firstElementChild);
  const part = (/** @type {string} */ name) => card.querySelector(`.link-preview__${name}`);
  card.querySelector("a")?.setAttribute("href", url);
  const texts = { title, description, site: site_name };
  for (const [name, text] of Object.entries(texts)) /** @type {Element} */ (part(name)).textContent = text;
  part("remove")?.setAttribute("action", `/chats/${chat}/messages/${seq}/remove-preview`);
  card.classList.toggle("link-preview--plain", !picture);
  card.dataset.picture = picture?.id ?? "";
  const image = /** @type {HTMLImageElement} */ (part("picture"));
  if (picture) {
    [image.width, image.height] = [picture.width, picture.height];
    image.src = `/api/chats/${chat}/attachments/${picture.id}/content`;
  }
  return card;
}
