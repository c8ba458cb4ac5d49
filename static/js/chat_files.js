/** Where files come into the open chat and are looked at; what that takes is loaded when somebody does it. */

import { patiently } from "./patience.js";
import { say } from "./strings.js";

/** Stands for files until what brings them up is loaded; a message that is sent meanwhile waits for them. */
class Expected {
  isEmpty = false;
  isAwaited = false;
  #composer;

  /** @param {import("./composer.js").Composer} composer */
  constructor(composer) {
    this.#composer = composer;
  }

  take() {
    this.isAwaited = true;
    this.#composer.showError(say("upload.unfinished"));
    return null;
  }
}

/**
 * @param {HTMLElement} section
 * @param {string} chat
 * @param {import("./composer.js").Composer | null} composer
 */
export function startFiles(section, chat, composer) {
  startViewing(section);
  const form = /** @type {HTMLFormElement | null} */ (section.querySelector(".composer"));
  if (!form || !composer) return;
  /** @template T @param {() => Promise<T>} load @returns {Promise<T | null>} null: it did not come, which is said */
  const loaded = (load) =>
    patiently(load).catch(() => {
      composer.showError(say("error.timeout"));
      return null;
    });
  /** @type {import("./tray.js").Tray | null} */
  let made = null;
  const tray = async () => {
    const part = await loaded(() => import("./tray.js"));
    if (part) made ??= new part.Tray(form, { chat, composer });
    composer.additions = made;
    return made;
  };
  const add = async (/** @type {Iterable<File>} */ files) => {
    const chosen = [...files];
    if (chosen.length === 0) return;
    if (made) return made.add(chosen);
    const expected = new Expected(composer);
    composer.additions ??= expected;
    (await tray())?.add(chosen);
    if (expected.isAwaited && made) composer.submit();
  };
  const input = /** @type {HTMLInputElement | null} */ (form.querySelector("[data-files]"));
  const choose = () => {
    const chosen = [...(input?.files ?? [])];
    if (input) input.value = ""; // so that the same file can be chosen again
    add(chosen);
  };
  input?.addEventListener("change", choose);
  choose(); // what was chosen before this script was there
  form.addEventListener("paste", (event) => {
    const { files } = /** @type {ClipboardEvent} */ (event).clipboardData ?? { files: [] };
    if (files.length === 0) return;
    event.preventDefault();
    add(files);
  });
  takeDrops(section, form, add);
  form.querySelector('[data-action="record"]')?.addEventListener("click", async () => {
    const voice = await loaded(() => import("./voice.js"));
    const there = voice && (await tray());
    if (there) await voice.record(form, composer, there);
  });
}

/**
 * @param {HTMLElement} section
 * @param {HTMLElement} form
 * @param {(files: Iterable<File>) => void} add
 */
function takeDrops(section, form, add) {
  const mark = (/** @type {boolean} */ isOver) => form.classList.toggle("composer--dropping", isOver);
  section.addEventListener("dragover", (event) => {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    mark(true);
  });
  section.addEventListener("dragleave", () => mark(false));
  section.addEventListener("drop", (event) => {
    mark(false);
    if (!event.dataTransfer?.files.length) return;
    event.preventDefault();
    add(event.dataTransfer.files);
  });
}

/** @param {HTMLElement} section in which pictures stand */
export function startViewing(section) {
  section.addEventListener("click", async (event) => {
    const target = /** @type {HTMLElement} */ (event.target);
    const picture = /** @type {HTMLElement | null} */ (target.closest('[data-action="view"]'));
    // With a modifier a link is meant as a link.
    if (!picture || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    const { look } = await patiently(() => import("./lightbox.js"));
    look(section, picture);
  });
  const loaded = (/** @type {Element} */ image) => {
    if (image.matches(".file__image")) image.parentElement?.classList.add("file--loaded");
  };
  // `load` does not bubble.
  section.addEventListener("load", (event) => loaded(/** @type {Element} */ (event.target)), true);
  for (const image of section.querySelectorAll("img")) if (image.complete) loaded(image);
}
