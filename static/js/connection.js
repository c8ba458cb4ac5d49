/** Keeps one socket to the server open for the whole page. */

import { Comeback } from "./comeback.js";
import { CommandError, Commands } from "./commands.js";
import { Heartbeat } from "./heartbeat.js";
import { SUBPROTOCOL, afterClose, parseFrame } from "./protocol.js";

/** @typedef {"connecting" | "online" | "offline" | "stopped"} ConnectionState */

const OPEN = 1;
// An attempt that was begun on another network, or before a sleep, may hang for long.
const HANGING_MS = 3_000;

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
  #comeback = new Comeback(() => this.#connect());
  #connectingSince = 0;
  #me;

  /** @param {{ url: string, me: string, open?: (url: string) => WebSocket }} options */
  constructor({ url, me, open = (address) => new WebSocket(address, SUBPROTOCOL) }) {
    super();
    this.#me = me;
    this.#open = () => open(url);
  }

  get isOnline() {
    return this.state === "online";
  }

  /** How long to wait with questions that are not urgent, so that not all who come back ask at once. */
  get calmMs() {
    return this.#comeback.calmMs;
  }

  /** Connect now, whatever the back-off had planned, or look whether the open socket lives. Stopped stays stopped. */
  wake() {
    const hangs = this.state === "connecting" && Date.now() - this.#connectingSince > HANGING_MS;
    if (this.isOnline) this.#heartbeat.doubt();
    if (hangs) this.rest();
    if (this.state === "offline") this.#connect();
  }

  /** Let go of the socket because the page goes to sleep; `wake` brings it back. */
  rest() {
    if (this.state !== "stopped") this.#letGo("offline", "offline");
  }

  /** Send a command and wait for its ack. Rejects with CommandError. @param {string} type @param {object} fields */
  command(type, fields) {
    if (!this.isOnline) return Promise.reject(new CommandError("offline"));
    const { ref, answer } = this.#commands.ask();
    this.say(type, { ref, ...fields });
    this.#heartbeat.asked();
    return answer;
  }

  /** Send a command that nobody answers; lost when offline. @param {string} type @param {object} [fields] */
  say(type, fields = {}) {
    if (this.#socket?.readyState === OPEN) this.#socket.send(JSON.stringify({ type, ...fields }));
  }

  /** @param {WireItem} item news for everybody on this page */
  tell(item) {
    this.dispatchEvent(new CustomEvent("item", { detail: item }));
  }

  #connect() {
    this.#comeback.begins();
    const socket = this.#open();
    this.#socket = socket;
    this.#connectingSince = Date.now();
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
      else if (item.type === "going_away") this.#comeback.serverLeaves(item.retry_after_s);
      else if (item.type !== "pong") this.tell(item);
    }
  }

  /** @param {WireItem} hello */
  #welcomed(hello) {
    // Another has signed in to this browser: what this page shows and holds is not theirs.
    if (hello.user.id !== this.#me) return this.#letGo("another_person", "stopped");
    this.#comeback.welcomed();
    this.#heartbeat.every(hello.heartbeat_s);
    this.#become("online", "online");
    this.tell(hello);
  }

  /** @param {number} code */
  #closed(code) {
    const { comesBack, reason } = afterClose(code);
    this.#lost(reason, comesBack ? "offline" : "stopped");
    if (comesBack) this.#comeback.plan();
  }

  /** The socket says nothing any more: do not wait for the network to notice. */
  #cut() {
    const socket = this.#socket;
    this.#closed(1006);
    socket?.close();
  }

  /** @param {string} reason @param {ConnectionState} state */
  #letGo(reason, state) {
    const socket = this.#socket;
    this.#lost(reason, state);
    socket?.close(1000);
  }

  /** @param {string} reason @param {ConnectionState} state */
  #lost(reason, state) {
    this.#comeback.cancel();
    this.#heartbeat.stop();
    this.#socket = null;
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
