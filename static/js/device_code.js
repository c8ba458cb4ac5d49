/** Shows a new device's code, asks whether it was confirmed, and shows the next one when it has ended. */

import { ApiError, post } from "./api.js";
import { Countdown } from "./countdown.js";
import { stepAfter } from "./device_wait.js";
import { clockOffsetMs } from "./remaining.js";
import { say } from "./strings.js";

const CODES = "/api/auth/device-codes";
const ASK_EVERY_MS = 1_000;

/** @typedef {{ id: string, secret: string, qr_svg: string, check: string, expires_at: string }} FreshCode */

/** @param {HTMLElement} section */
export function startDeviceCode(section) {
  const page = new DeviceCode(section);
  page.wait();
  document.addEventListener("visibilitychange", () => page.wait());
}

class DeviceCode {
  #section;
  #form = /** @type {HTMLFormElement} */ (document.querySelector("[data-collect]"));
  #offsetMs;
  #countdown;
  #renewals = 0;
  #isWaiting = false;
  #isOver = false;

  /** @param {HTMLElement} section */
  constructor(section) {
    this.#section = section;
    this.#offsetMs = clockOffsetMs(section.dataset.serverNow);
    this.#countdown = this.#countDown();
  }

  /** Nobody scans a screen that shows another page, so a hidden one neither asks nor makes codes. */
  async wait() {
    if (this.#isWaiting) return;
    this.#isWaiting = true;
    while (document.visibilityState === "visible" && !this.#isOver) {
      await this.#ask();
      await new Promise((resolve) => setTimeout(resolve, ASK_EVERY_MS));
    }
    this.#isWaiting = false;
  }

  async #ask() {
    const { id, secret, remember } = this.#fields();
    const asked = { id: id.value, secret: secret.value, remember: remember.checked };
    const answer = await post(`${CODES}/collect`, asked).catch(refusalOf);
    const refusal = answer instanceof ApiError ? answer : null;
    const step = stepAfter(refusal ? null : answer, refusal, this.#renewals);
    if (step === "renew") await this.#renew();
    if (step === "enter") location.assign(this.#section.dataset.next ?? "/");
    if (step === "tell") this.#form.submit();
    if (step === "rest") this.#end();
    this.#isOver = !["wait", "renew"].includes(step);
  }

  async #renew() {
    /** @type {FreshCode | ApiError} */
    const code = await post(CODES).catch(refusalOf);
    if (code instanceof ApiError) return; // the next look finds the old one ended still, and tries again
    this.#renewals += 1;
    const { id, secret } = this.#fields();
    [id.value, secret.value] = [code.id, code.secret];
    this.#draw(code);
    this.#countdown.stop();
    this.#countdown = this.#countDown();
  }

  /** @param {FreshCode} code */
  #draw(code) {
    const picture = new Image();
    picture.alt = ""; // what it is stands on the paper
    picture.src = `data:image/svg+xml,${encodeURIComponent(code.qr_svg)}`;
    this.#section.querySelector(".code__paper")?.replaceChildren(picture);
    const number = this.#section.querySelector(".device__number");
    if (number) number.textContent = code.check;
    const serverNow = new Date(Date.now() + this.#offsetMs).toISOString();
    Object.assign(this.#section.dataset, { expiresAt: code.expires_at, serverNow });
    this.#tell(say("device.renewed", { number: code.check }));
  }

  #countDown() {
    // The server says when it is over; this only shows what is left.
    return new Countdown(this.#section.querySelector(".countdown"), this.#section.dataset, () => undefined);
  }

  #end() {
    this.#section.querySelector(".qr")?.classList.add("code--dead");
    for (const [name, isHidden] of [[".device__ends", true], [".device__ended", false], [".device__check", true]]) {
      const part = /** @type {HTMLElement | null} */ (this.#section.querySelector(String(name)));
      if (part) part.hidden = Boolean(isHidden);
    }
    document.querySelector("[data-renew]")?.classList.replace("button--quiet", "button--primary");
    this.#tell(say("device.ended"));
  }

  #fields() {
    return /** @type {{ id: HTMLInputElement, secret: HTMLInputElement, remember: HTMLInputElement }} */ (
      /** @type {unknown} */ (this.#form.elements)
    );
  }

  /** @param {string} sentence */
  #tell(sentence) {
    const said = this.#section.querySelector("[data-said]");
    if (said) said.textContent = sentence;
  }
}

/** @param {unknown} problem */
function refusalOf(problem) {
  if (problem instanceof ApiError) return problem;
  throw problem;
}
