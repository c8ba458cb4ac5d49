/** Keeps a chat's membership log whole: where a repair told a state and not what happened, it asks for that. */

import { patiently } from "./patience.js";

export class LogNews {
  #show;
  #ask;
  #calm;
  #last;
  #since;
  #isBehind = false;
  #isAsking = false;

  /**
   * @param {{ show: (entries: MembershipEntry[]) => void, ask: (since: number) => Promise<MembershipEntry[]>,
   *   calm: () => Promise<unknown>, last: () => number, since: number }} options
   *   `last`: the newest message that is known; `since`: the one after which everything is news. What is shown twice
   *   must be no harm.
   */
  constructor({ show, ask, calm, last, since }) {
    this.#show = show;
    this.#ask = ask;
    this.#calm = calm;
    this.#last = last;
    this.#since = since;
  }

  /** @param {MembershipEntry | null | undefined} entry null: nothing to show; undefined: it was not said */
  heard(entry) {
    if (entry) this.#show([entry]);
    if (entry !== undefined) return;
    this.#isBehind = true;
    this.#catchUp();
  }

  /** The connection is back: what could not be asked for then is asked for now. */
  caughtUp() {
    if (this.#isBehind) this.#catchUp();
  }

  /** Once for all that a resume brings. */
  async #catchUp() {
    if (this.#isAsking) return;
    this.#isAsking = true;
    await this.#calm();
    // What is told from here on may not be in the answer.
    this.#isBehind = false;
    const isTold = await this.#askOnce();
    this.#isAsking = false;
    if (isTold) this.caughtUp();
    else this.#isBehind = true;
  }

  async #askOnce() {
    const last = this.#last();
    try {
      this.#show(await patiently(() => this.#ask(this.#since)));
    } catch {
      return false; // the next time the chat has caught up asks again
    }
    this.#since = last;
    return true;
  }
}
