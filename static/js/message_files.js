/** Shows the files of a message: pictures, sounds, and what can only be saved. */

// As the server says it (gateway_svc/selectors/files.py).
const SHOWN_SIDE = 320;
const UNITS = /** @type {const} */ ([
  [1024 ** 3, "GB"],
  [1024 ** 2, "MB"],
  [1024, "kB"],
]);

/**
 * @param {HTMLElement} holder what stands there already, made by the server or before, is not made again
 * @param {Attachment[]} files
 * @param {string} chat
 */
export function showFiles(holder, files, chat) {
  const shown = [...holder.children].map((file) => /** @type {HTMLElement} */ (file).dataset.file).join();
  if (shown !== files.map((file) => file.id).join()) holder.replaceChildren(...files.map((file) => made(file, chat)));
}

/**
 * @param {Attachment} file
 * @param {string} chat
 */
function made(file, chat) {
  const template = /** @type {HTMLTemplateElement} */ (document.querySelector(`[data-template="file-${file.kind}"]`));
  const copy = /** @type {HTMLElement} */ (document.importNode(template.content, true).firstElementChild);
  const url = `/api/chats/${chat}/attachments/${file.id}/content`;
  copy.dataset.file = file.id;
  if (copy instanceof HTMLAnchorElement) copy.href = url;
  if (file.kind === "image") showImage(copy, file, url);
  for (const sound of copy.querySelectorAll("audio")) {
    sound.src = url;
    sound.setAttribute("aria-label", file.name);
  }
  write(copy, ".file__name", file.name);
  copy.toggleAttribute("data-voice", file.duration_ms !== null);
  write(copy, ".file__about", file.duration_ms === null ? sizeText(file.size) : durationText(file.duration_ms));
  return copy;
}

/**
 * @param {HTMLElement} element
 * @param {Attachment} file
 * @param {string} url
 */
function showImage(element, file, url) {
  const image = /** @type {HTMLImageElement} */ (element.querySelector(".file__image"));
  const placeholder = /** @type {HTMLImageElement} */ (element.querySelector(".file__placeholder"));
  const [width, height] = [file.width ?? SHOWN_SIDE, file.height ?? SHOWN_SIDE];
  const scale = Math.min(1, SHOWN_SIDE / Math.max(width, height));
  image.width = Math.max(1, Math.round(width * scale));
  image.height = Math.max(1, Math.round(height * scale));
  image.alt = file.name;
  image.src = `${url}?variant=thumb`;
  element.dataset.large = `${url}?variant=large`;
  if (file.placeholder.startsWith("data:image/webp;base64,")) placeholder.src = file.placeholder;
}

/** @param {number} size in bytes */
export function sizeText(size) {
  const [unit, name] = UNITS.find(([bytes]) => size >= bytes) ?? [1, "B"];
  return `${Number((size / unit).toFixed(1))} ${name}`;
}

/** @param {number} milliseconds */
export function durationText(milliseconds) {
  const seconds = Math.max(1, Math.round(milliseconds / 1000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

/**
 * @param {HTMLElement} element
 * @param {string} selector
 * @param {string} text
 */
function write(element, selector, text) {
  for (const part of element.querySelectorAll(selector)) part.textContent = text;
}
