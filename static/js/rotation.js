/** Keeps a rotating code on the screen the one that opens: fetches the next picture when its time has come. */

import { get } from "./api.js";
import { clockOffsetMs } from "./remaining.js";

const AGAIN_MS = 2_000;
// The server's clock must have passed the change when it is asked.
const LATER_MS = 50;

export class Rotation {
  #link;
  #offsetMs;
  #onTurn;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #next;
  #isOver = false;

  /**
   * @param {DOMStringMap} dataset with `invitation`, `rotatesAt` and `serverNow`
   * @param {(url: string) => void} onTurn
   */
  constructor({ invitation, rotatesAt, serverNow }, onTurn) {
    this.#link = `/api/auth/invitations/${invitation}/link`;
    this.#offsetMs = clockOffsetMs(serverNow);
    this.#onTurn = onTurn;
    this.#plan(rotatesAt ?? "");
    // A screen that was dark has an old picture, and its timers stood still.
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && this.#turn());
  }

  stop() {
    this.#isOver = true;
    clearTimeout(this.#next);
  }

  /** @param {string} moment */
  #plan(moment) {
    const inMs = Date.parse(moment) - (Date.now() + this.#offsetMs) + LATER_MS;
    clearTimeout(this.#next);
    this.#next = setTimeout(() => this.#turn(), Math.max(LATER_MS, inMs));
  }

  async #turn() {
    if (this.#isOver) return;
    const answer = await get(this.#link).catch(() => null);
    if (answer?.rotates_at) {
      draw(answer.svg);
      this.#onTurn(answer.url);
      this.#plan(answer.rotates_at);
    } else if (!this.#isOver) {
      clearTimeout(this.#next);
      this.#next = setTimeout(() => this.#turn(), AGAIN_MS);
    }
  }
}

/** On the page, and in what fills the screen. @param {string} svg */
function draw(svg) {
  for (const paper of document.querySelectorAll(".code__paper")) {
    const picture = new Image();
    picture.alt = ""; // what it is stands on the paper
    picture.src = `data:image/svg+xml,${encodeURIComponent(svg)}`;
    paper.replaceChildren(picture);
  }
}
