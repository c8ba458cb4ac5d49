/** Takes the events of the open chat to where they are shown. */

import { get } from "./api.js";
import { sayClosed, showHead } from "./chat_frame.js";
import { patiently } from "./patience.js";
import { showCount } from "./people_count.js";
import { forgetPruned } from "./pruned.js";
import { say } from "./strings.js";
import { showWhoWrites } from "./who_writes.js";

export class ChatEvents {
  #section;
  #parts;
  #me;
  #connection;
  #chat;
  #mustReload = false;

  /**
   * @param {HTMLElement} section
   * @param {ChatParts} parts
   * @param {import("./page.js").Page} page
   */
  constructor(section, parts, { me, connection }) {
    this.#section = section;
    this.#chat = section.dataset.chat ?? "";
    this.#parts = parts;
    this.#me = me;
    this.#connection = connection;
  }

  /** @param {WireItem} item */
  item(item) {
    if (item.type === "message.created") this.#arrived(item.message);
    if (item.type === "message.changed") this.#changed(item.message);
    if (item.type === "membership.changed") this.#memberChanged(item.membership, item.entry);
    if (item.type === "chat.cleared") this.reset();
    if (item.type === "chat.changed") this.#chatChanged(item.summary);
    if (item.type === "chat.removed") this.gone(item.reason);
    if (item.type === "receipt.read") this.#read(item.user, item.seq);
    if (item.type === "typing.started" && item.user !== this.#me) this.#parts.typing.started(item.user);
  }

  /** Too much happened while away: show the newest page instead of what was there. */
  reset() {
    this.#parts.timeline.clear();
    this.#parts.membershipLog?.clear();
    this.#mustReload = true;
    this.#reload();
  }

  caughtUp() {
    this.#parts.marks.update();
    this.#parts.membershipLog?.caughtUp();
    setTimeout(() => this.#loadMembers(), this.#connection.calmMs);
    if (this.#mustReload) this.#reload();
  }

  /** @param {string} [reason] */
  gone(reason = "removed") {
    this.#parts.composer?.close();
    sayClosed(this.#section, say(`gone.${reason}`));
  }

  /** @param {Message} message */
  #arrived(message) {
    const { scroll, timeline, typing, marks } = this.#parts;
    const isOwn = message.sender.id === this.#me;
    const change = scroll.during(() => timeline.receive(message));
    typing.stopped(message.sender.id);
    if (change !== "inserted") return;
    if (!isOwn) scroll.missedOne();
    // Who writes has read what stood before: their mark moves without a receipt.
    this.#read(message.sender.id, message.seq);
    marks.update();
  }

  /** @param {Message} message */
  #changed(message) {
    this.#parts.scroll.during(() => this.#parts.timeline.receive(message));
    this.#parts.pins?.changed(message);
  }

  /**
   * @param {Membership} membership
   * @param {MembershipEntry | null} [entry] what happened, where that is told
   */
  #memberChanged(membership, entry) {
    this.#parts.membershipLog?.heard(entry);
    this.#parts.roster.change(membership);
    this.#parts.typing.show();
    showCount(this.#section, this.#parts.roster.count);
    if (membership.user.id !== this.#me) return;
    if (membership.state !== "active") this.gone(membership.state);
    this.#section.dataset.role = membership.role;
    showWhoWrites(this.#section);
  }

  /** @param {ChatSummary} summary */
  #chatChanged(summary) {
    showHead(this.#section, summary, { isThread: Boolean(this.#parts.thread) });
    this.#section.toggleAttribute("data-announcements", summary.announcement_only);
    showWhoWrites(this.#section);
    forgetPruned(this.#parts, summary.pruned_below);
    this.#closedOrOpen(Boolean(summary.closed_at));
  }

  /** @param {boolean} isClosed */
  #closedOrOpen(isClosed) {
    // What a closed chat's page lacks comes with the page.
    if (!isClosed && "closed" in this.#section.dataset) location.reload();
    this.#section.toggleAttribute("data-closed", isClosed);
    if (isClosed) this.gone("closed");
  }

  /**
   * @param {string} user
   * @param {number} seq
   */
  #read(user, seq) {
    const { roster, timeline } = this.#parts;
    roster.read(user, seq);
    timeline.showRead(roster.readByOthers(this.#me));
  }

  /** Read marks have no version: after each time away they are asked for anew. */
  async #loadMembers() {
    const { roster, timeline, typing } = this.#parts;
    try {
      roster.load((await get(`/api/chats/${this.#chat}/members`)).items);
      timeline.showRead(roster.readByOthers(this.#me));
      typing.show();
      showCount(this.#section, roster.count);
    } catch {
      // Names in the typing line and the word "read" wait for the next connection.
    }
  }

  async #reload() {
    try {
      await patiently(() => this.#parts.history.reload());
      this.#mustReload = false;
    } catch {
      // Still marked: the next time the chat has caught up asks again.
    }
  }
}
