/** Brings one file up, part by part; after a broken connection it goes on where the server has it. */

import { nextDelayMs } from "./backoff.js";

const PASSING = [0, 408, 429, 500, 502, 503, 504];

/**
 * @typedef {{ name: string, size: number, slice: (from: number, to: number) => any }} Source
 * @typedef {{ post: (path: string, body: object) => Promise<any>, get: (path: string) => Promise<any>,
 *   sendPart: (path: string, bytes: any, options: { offset: number, signal: AbortSignal }) => Promise<any>,
 *   remove: (path: string) => Promise<any>, pause: (ms: number) => Promise<void> }} Ways
 */

/** Dispatches `changed`; then `state`, `share` and `problem` say how it stands. */
export class Upload extends EventTarget {
  /** @type {"sending" | "checking" | "waiting" | "ready" | "failed" | "dropped"} */
  state = "sending";
  /** From 0 to 1. */
  share = 0;
  problem = "";
  /** @type {Attachment | null} once it is there */
  attachment = null;
  #source;
  #path;
  #ways;
  #durationMs;
  #id = "";
  #stopped = new AbortController();

  /**
   * @param {Source} source
   * @param {{ path: string, ways: Ways, durationMs?: number }} options `path`: of the chat's attachments
   */
  constructor(source, { path, ways, durationMs }) {
    super();
    this.#source = source;
    this.#path = path;
    this.#ways = ways;
    this.#durationMs = durationMs;
  }

  get name() {
    return this.#source.name;
  }

  get isUnderWay() {
    return ["sending", "checking", "waiting"].includes(this.state);
  }

  /** Until it is there, refused, or dropped. Called again after a refusal it begins anew. */
  async run() {
    for (let failures = 0; ; failures++) {
      try {
        this.#change("sending");
        await this.#send();
        return;
      } catch (error) {
        if (this.state === "dropped") return;
        if (!isPassing(error)) return this.#fail(/** @type {Error} */ (error));
        this.#change("waiting");
        await this.#ways.pause(nextDelayMs(failures));
        if (/** @type {string} */ (this.state) === "dropped") return;
      }
    }
  }

  /** The person does not want it any more. */
  drop() {
    this.#change("dropped");
    this.#stopped.abort();
    if (this.#id) this.#ways.remove(this.#own).catch(() => undefined); // a day later it is erased anyway
  }

  get #own() {
    return `${this.#path}/${this.#id}`;
  }

  async #send() {
    let upload = this.#id ? await this.#ways.get(this.#own) : await this.#begin();
    while (upload.state !== "ready") {
      const offset = upload.received;
      const end = Math.min(offset + upload.chunk_bytes, this.#source.size);
      this.#change(end === this.#source.size ? "checking" : "sending", offset / this.#source.size);
      const part = this.#source.slice(offset, end);
      upload = await this.#ways.sendPart(this.#own, part, { offset, signal: this.#stopped.signal });
      if (this.state === "dropped") return;
    }
    this.attachment = upload;
    this.#change("ready", 1);
  }

  async #begin() {
    const { name, size } = this.#source;
    const duration = this.#durationMs === undefined ? {} : { duration_ms: this.#durationMs };
    const upload = await this.#ways.post(this.#path, { name, size, ...duration });
    this.#id = upload.id;
    if (this.state === "dropped") this.drop();
    return upload;
  }

  /** @param {Error} error */
  #fail(error) {
    this.#id = "";
    this.problem = error.message;
    this.#change("failed", 0);
  }

  /**
   * @param {Upload["state"]} state
   * @param {number} [share]
   */
  #change(state, share = this.share) {
    if (this.state === "dropped") return;
    this.state = state;
    this.share = share;
    this.dispatchEvent(new Event("changed"));
  }
}

/**
 * No connection, a busy or restarting server, or a part that was counted although its answer was lost.
 *
 * @param {any} error
 */
function isPassing(error) {
  if (["too_many_files", "no_room"].includes(error?.code)) return false;
  return error?.code === "wrong_offset" || PASSING.includes(error?.status);
}
