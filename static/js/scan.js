/** Scans a code with the camera, or in a picture, and goes where it leads if that is in this house. */

import { Camera } from "./camera.js";
import { codeReader } from "./code_reader.js";
import { readScanned } from "./scanned.js";

const EVERY_MS = 200;

/** @param {HTMLElement} section */
export function startScan(section) {
  new Scanner(section).start();
}

class Scanner {
  #section;
  #video;
  #camera;
  #origins;
  #reading = codeReader();
  /** Counts the looks that were begun; only the newest goes on. */
  #look = 0;

  /** @param {HTMLElement} section */
  constructor(section) {
    this.#section = section;
    this.#origins = [location.origin, section.dataset.origin ?? ""];
    this.#video = /** @type {HTMLVideoElement} */ (section.querySelector("video"));
    this.#camera = new Camera(this.#video);
    this.#on("again", "click", () => this.start());
    this.#on("turn", "click", async () => this.#opened(await this.#camera.turn()));
    this.#on("torch", "click", (button) => this.#light(button));
    this.#on("picture", "change", (input) => this.#choose(/** @type {HTMLInputElement} */ (input)));
    window.addEventListener("pagehide", () => this.#camera.close());
  }

  async start() {
    this.#show("asking");
    this.#opened(await this.#camera.open());
  }

  /** @param {import("./camera.js").Trouble | null} trouble */
  #opened(trouble) {
    this.#show(trouble ?? "looking");
    this.#offer("turn", !trouble && this.#camera.hasOthers);
    this.#offer("torch", !trouble && this.#camera.hasTorch);
    if (!trouble) this.#watch();
  }

  async #watch() {
    const look = ++this.#look;
    const read = await this.#reading;
    while (look === this.#look) {
      const text = await read(this.#video).catch(() => "");
      if (text && look === this.#look) return this.#found(text);
      await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
    }
  }

  /** @param {HTMLInputElement} input */
  async #choose(input) {
    const file = input.files?.[0];
    if (!file) return;
    this.#rest();
    const read = await this.#reading;
    // What is no picture has no code in it either.
    const text = await createImageBitmap(file).then(read).catch(() => "");
    input.value = "";
    if (text) this.#found(text);
    else this.#stop("nothing");
  }

  /** @param {string} text */
  #found(text) {
    const scanned = readScanned(text, this.#origins);
    this.#rest();
    if ("path" in scanned) {
      this.#show("found");
      location.assign(scanned.path);
      return;
    }
    const shown = this.#section.querySelector(".scan__text");
    if (shown) shown.textContent = scanned.text;
    this.#stop("strange");
  }

  #rest() {
    this.#look += 1;
    this.#camera.close();
  }

  /** @param {string} state */
  #stop(state) {
    this.#show(state);
    this.#offer("again", true);
    for (const name of ["turn", "torch"]) this.#offer(name, false);
  }

  /** @param {HTMLElement} button */
  async #light(button) {
    const isOn = button.getAttribute("aria-pressed") !== "true";
    await this.#camera.light(isOn);
    button.setAttribute("aria-pressed", String(isOn));
  }

  /** @param {string} state */
  #show(state) {
    this.#section.dataset.state = state;
    this.#offer("again", false);
    for (const line of this.#section.querySelectorAll("[data-when]")) {
      const element = /** @type {HTMLElement} */ (line);
      element.hidden = element.dataset.when !== state;
    }
  }

  /**
   * @param {string} name
   * @param {boolean} isThere
   */
  #offer(name, isThere) {
    const button = /** @type {HTMLElement | null} */ (this.#section.querySelector(`[data-action="${name}"]`));
    if (button) button.hidden = !isThere;
  }

  /**
   * @param {string} name
   * @param {string} event
   * @param {(element: HTMLElement) => unknown} deed
   */
  #on(name, event, deed) {
    const element = /** @type {HTMLElement | null} */ (this.#section.querySelector(`[data-action="${name}"]`));
    element?.addEventListener(event, () => deed(element));
  }
}
