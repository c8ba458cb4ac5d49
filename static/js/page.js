/** What the controllers of one page share: one connection, one feed, one person, what that person wrote. */

import { Connection } from "./connection.js";
import { Feed } from "./feed.js";
import { keepConnected } from "./keep_connected.js";
import { Kept } from "./kept.js";
import { Outbox } from "./outbox.js";
import { OutboxStore } from "./outbox_store.js";
import { socketUrl } from "./protocol.js";
import { Sender } from "./sender.js";

// A tab sends what was written in it. If it could not by then, any other does.
const ELSEWHERE_MS = 3_000;

export class Page {
  /** The signed-in person's id; empty for a stranger, for whom nothing live exists. */
  me = document.body.dataset.user ?? "";
  connection = new Connection({ url: socketUrl(location), me: this.me });
  feed = new Feed(this.connection);
  kept = new Kept(this.me);
  outbox = new Outbox(this.me, new OutboxStore(), otherTabs(this.me));
  #sender = new Sender({ outbox: this.outbox, connection: this.connection });

  /**
   * Hear news of one kind.
   *
   * @param {string} type
   * @param {(item: WireItem) => void} deed
   */
  on(type, deed) {
    this.connection.addEventListener("item", (event) => {
      const item = /** @type {CustomEvent<WireItem>} */ (event).detail;
      if (item.type === type) deed(item);
    });
  }

  /** Keep the connection as long as the page is in use, and bring it back as soon as the network is. */
  connect() {
    keepConnected(this.connection);
  }

  /** Send what waits, of every chat, whichever page of ours is open. */
  keepSending() {
    const { connection, outbox } = this;
    const flush = () => this.#sender.flush();
    connection.addEventListener("state", flush);
    connection.addEventListener("state", () => connection.isOnline && this.#sender.askAgain());
    outbox.addEventListener("changed", (event) => {
      if (/** @type {CustomEvent} */ (event).detail.isElsewhere) setTimeout(flush, ELSEWHERE_MS);
      else flush();
    });
    this.on("message.created", ({ message: { sender, client_id, seq } }) => {
      if (sender.id === this.me) outbox.settle(client_id, seq);
    });
    // While the browser kept it for the back button, a page heard nothing of the others.
    window.addEventListener("pageshow", ({ persisted }) => persisted && outbox.refresh());
  }

  /** Leave nothing in a browser that others may use. */
  forget() {
    this.kept.clear();
    this.outbox.clear();
  }
}

/** @param {string} person */
function otherTabs(person) {
  return person && "BroadcastChannel" in window ? new BroadcastChannel(`abdre.outbox.${person}`) : null;
}
