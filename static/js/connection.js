/** Keeps one socket to the server open for the whole page. */

import { nextDelayMs } from "./backoff.js";
import { CommandError, Commands } from "./commands.js";
import { Heartbeat } from "./heartbeat.js";
import { SUBPROTOCOL, afterClose, parseFrame } from "./protocol.js";

/** @typedef {"connecting" | "online" | "offline" | "stopped"} ConnectionState */

const OPEN = 1;
// A server that welcomes and closes at once must not be called every half second: only a socket that lasted this long
// lets the back-off begin anew.
const LASTING_MS = 10_000;

/** Dispatches `state` when `.state` changes, and `item` (detail: the item) for each event of the server. */
export class Connection extends EventTarget {
  /** @type {ConnectionState} */
  state = "offline";
  /** Why the connection is in this state: a key of the strings. */
  reason = "offline";
  #open;
  #commands = new Commands();
  #heartbeat = new Heartbeat({ ping: () => this.say("ping"), onSilence: () => this.#cut() });
  /** @type {WebSocket | null} */
  #socket = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #retry;
  #attempt = 0;
  #onlineSince = Infinity;

  /** @param {{ url: string, open?: (url: string) => WebSocket }} options */
  constructor({ url, open = (address) => new WebSocket(address, SUBPROTOCOL) }) {
    super();
    this.#open = () => open(url);
  }

  get isOnline() {
    return this.state === "online";
  }

  /** Connect now, whatever the back-off had planned, or look whether the open socket lives. Stopped stays stopped. */
  wake() {
    if (this.isOnline) this.#heartbeat.probe();
    else if (this.state === "offline") this.#connect();
  }

  /** Let go of the socket because the page goes to sleep; `wake` brings it back. */
  rest() {
    if (this.state === "stopped") return;
    const socket = this.#socket;
    this.#lost("offline", "offline");
    socket?.close(1000);
  }

  /**
   * Send a command and wait for its ack. Rejects with CommandError.
   *
   * @param {string} type
   * @param {object} fields
   */
  command(type, fields) {
    if (!this.isOnline) return Promise.reject(new CommandError("offline"));
    const { ref, answer } = this.#commands.ask();
    this.say(type, { ref, ...fields });
    return answer;
  }

  /**
   * Send a command that nobody answers; lost when offline.
   *
   * @param {string} type
   * @param {object} [fields]
   */
  say(type, fields = {}) {
    if (this.#socket?.readyState === OPEN) this.#socket.send(JSON.stringify({ type, ...fields }));
  }

  /** @param {WireItem} item news for everybody on this page */
  tell(item) {
    this.dispatchEvent(new CustomEvent("item", { detail: item }));
  }

  #connect() {
    clearTimeout(this.#retry);
    const socket = this.#open();
    this.#socket = socket;
    this.#become("connecting", "connecting");
    this.#heartbeat.start();
    socket.onmessage = (event) => socket === this.#socket && this.#receive(event.data);
    socket.onclose = (event) => socket === this.#socket && this.#closed(event.code);
  }

  /** @param {unknown} data */
  #receive(data) {
    this.#heartbeat.heard();
    for (const item of parseFrame(data)) {
      if (item.ref !== undefined) this.#commands.answer(item);
      else if (item.type === "hello") this.#welcomed(item);
      else if (item.type !== "pong") this.tell(item);
    }
  }

  /** @param {WireItem} hello */
  #welcomed(hello) {
    this.#onlineSince = Date.now();
    this.#heartbeat.every(hello.heartbeat_s);
    this.#become("online", "online");
    this.tell(hello);
  }

  /** @param {number} code */
  #closed(code) {
    const { comesBack, reason } = afterClose(code);
    if (Date.now() - this.#onlineSince > LASTING_MS) this.#attempt = 0;
    this.#lost(reason, comesBack ? "offline" : "stopped");
    if (comesBack) this.#retry = setTimeout(() => this.#connect(), nextDelayMs(this.#attempt++));
  }

  /** The socket says nothing any more: do not wait for the network to notice. */
  #cut() {
    const socket = this.#socket;
    this.#closed(1006);
    socket?.close();
  }

  /**
   * @param {string} reason
   * @param {ConnectionState} state
   */
  #lost(reason, state) {
    clearTimeout(this.#retry);
    this.#heartbeat.stop();
    this.#socket = null;
    this.#onlineSince = Infinity;
    this.#become(state, reason);
    this.#commands.dropAll();
  }

  /**
   * @param {ConnectionState} state
   * @param {string} reason
   */
  #become(state, reason) {
    this.state = state;
    this.reason = reason;
    this.dispatchEvent(new Event("state"));
  }
}
