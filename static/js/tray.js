/** The files that wait beside the composer: on their way up, there, or refused. */

import { get, post, remove, sendPart } from "./api.js";
import { say } from "./strings.js";
import { Upload } from "./upload.js";

const MOST = 10;

export class Tray {
  #list;
  #template;
  #path;
  #composer;
  /** @type {Map<Upload, HTMLElement>} */
  #uploads = new Map();
  // Send was pressed while a file was on its way.
  #isAwaited = false;

  /**
   * @param {HTMLElement} form
   * @param {{ chat: string, composer: import("./composer.js").Composer }} options
   */
  constructor(form, { chat, composer }) {
    this.#list = /** @type {HTMLElement} */ (form.querySelector(".composer__uploads"));
    this.#template = /** @type {HTMLTemplateElement} */ (document.querySelector('[data-template="upload"]'));
    this.#path = `/api/chats/${chat}/attachments`;
    this.#composer = composer;
  }

  get isEmpty() {
    return this.#uploads.size === 0;
  }

  get isBusy() {
    return [...this.#uploads.keys()].some((upload) => upload.isUnderWay);
  }

  /**
   * @param {File[]} files
   * @param {{ durationMs?: number }} [options] of a voice message
   */
  add(files, { durationMs } = {}) {
    const room = MOST - this.#uploads.size;
    this.#composer.showError(files.length > room ? say("upload.too_many", { count: MOST }) : "");
    for (const file of files.slice(0, room)) this.#add(file, durationMs);
  }

  /** What goes into the message; null while it cannot go. */
  take() {
    const uploads = [...this.#uploads.keys()];
    const isWhole = uploads.every((upload) => upload.attachment);
    this.#isAwaited = this.isBusy;
    if (!isWhole) {
      this.#composer.showError(say(this.isBusy ? "upload.unfinished" : "upload.failed"));
      return null;
    }
    for (const upload of uploads) this.#forget(upload);
    return uploads.map((upload) => /** @type {Attachment} */ (upload.attachment));
  }

  /**
   * @param {File} file
   * @param {number} [durationMs]
   */
  #add(file, durationMs) {
    const ways = { get, post, remove, sendPart, pause };
    const upload = new Upload(file, { path: this.#path, ways, durationMs });
    const row = /** @type {HTMLElement} */ (document.importNode(this.#template.content, true).firstElementChild);
    this.#uploads.set(upload, row);
    const press = (/** @type {string} */ action, /** @type {() => void} */ deed) =>
      row.querySelector(`[data-action="${action}"]`)?.addEventListener("click", deed);
    press("retry-upload", () => upload.run());
    press("drop-upload", () => [upload.drop(), this.#forget(upload)]);
    upload.addEventListener("changed", () => [show(upload, row), this.#changed()]);
    this.#list.append(row);
    this.#list.hidden = false;
    upload.run();
  }

  #changed() {
    if (!this.#isAwaited || this.isBusy) return;
    this.#isAwaited = false;
    this.#composer.showError("");
    this.#composer.submit();
  }

  /** @param {Upload} upload */
  #forget(upload) {
    this.#uploads.get(upload)?.remove();
    this.#uploads.delete(upload);
    this.#list.hidden = this.isEmpty;
    this.#composer.focus();
  }
}

/**
 * @param {Upload} upload
 * @param {HTMLElement} row
 */
function show(upload, row) {
  const part = (/** @type {string} */ selector) => /** @type {HTMLElement} */ (row.querySelector(selector));
  part(".upload__name").textContent = upload.name;
  part(".upload__state").textContent = words(upload);
  /** @type {HTMLProgressElement} */ (part(".upload__progress")).value = upload.share;
  part('[data-action="retry-upload"]').hidden = upload.state !== "failed";
  row.classList.toggle("upload--ready", upload.state === "ready");
  row.classList.toggle("upload--failed", upload.state === "failed");
}

/** @param {Upload} upload */
function words({ state, share, problem }) {
  if (state === "failed") return problem || say("error.timeout");
  if (state === "sending") return say("upload.sending", { percent: Math.round(share * 100) });
  if (state === "checking") return say("upload.checking");
  return say(state === "waiting" ? "upload.waiting" : "upload.ready");
}

/** A while, or until the network is back. @param {number} ms @returns {Promise<void>} */
function pause(ms) {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
    addEventListener("online", () => resolve(), { once: true });
  });
}
