/** Puts the parts of the open chat together. */

import { quietly } from "./announcements.js";
import { ChatDeeds } from "./chat_deeds.js";
import { ChatEvents } from "./chat_events.js";
import { Composer } from "./composer.js";
import { History } from "./history.js";
import { Outbox } from "./outbox.js";
import { ReadMarks } from "./read_marks.js";
import { Roster } from "./roster.js";
import { ScrollKeeper } from "./scroll.js";
import { Sender } from "./sender.js";
import { Timeline } from "./timeline.js";
import { TimelineStore } from "./timeline_store.js";
import { Typing } from "./typing.js";

/**
 * @param {HTMLElement} section
 * @param {import("./page.js").Page} page
 */
export function startChat(section, page) {
  const chat = section.dataset.chat ?? "";
  const parts = assemble(section, chat, page);
  const deeds = new ChatDeeds(section, parts, page.connection);
  const events = new ChatEvents(section, parts, page.me);
  deeds.restore();
  keepSending(parts, page.connection);
  if (!location.hash) parts.scroll.toEnd();
  if (matchMedia("(pointer: fine)").matches) parts.composer?.focus();
  page.feed.follow(chat, Number(section.dataset.version), events);
}

/**
 * @param {HTMLElement} section
 * @param {string} chat
 * @param {import("./page.js").Page} page
 * @returns {ChatParts}
 */
function assemble(section, chat, page) {
  /** @type {(selector: string) => any} what the page promises to have */
  const part = (selector) => section.querySelector(selector);
  const { connection, kept, me } = page;
  const mayModerate = ["owner", "admin"].includes(section.dataset.role ?? "");
  const store = new TimelineStore(...shownWindow(section));
  const template = part('[data-template="message"]');
  const view = { chat, me, mayModerate };
  const log = part(".timeline");
  const timeline = quietly(log, () => new Timeline(part(".timeline__list"), template, view, store));
  const scroll = new ScrollKeeper(log, part('[data-action="jump-latest"]'), () => marks.update());
  const marks = new ReadMarks({
    readSeq: Number(section.dataset.readSeq),
    look: () => (scroll.isAtEnd ? store.last : 0),
    tell: (seq) => tellRead(page, chat, seq),
  });
  const outbox = new Outbox(chat, kept);
  const typing = new Typing(part(".typing"), () => connection.say("typing.start", { chat }));
  const link = part(".timeline__earlier");
  const history = new History({ link, log, chat, store, timeline, scroll });
  const sender = new Sender({ chat, outbox, connection });
  const composer = startComposer(section, chat, kept, typing);
  return { store, timeline, scroll, marks, outbox, typing, history, sender, composer, roster: new Roster() };
}

/**
 * Which seqs the server rendered: all newer ones belong to the page too, unless it shows a piece of the past.
 *
 * @param {HTMLElement} section
 * @returns {[number, number]}
 */
function shownWindow(section) {
  const rows = section.querySelectorAll(".timeline__list .message");
  const last = /** @type {HTMLElement | undefined} */ (rows[rows.length - 1]);
  const isPast = section.querySelector(".timeline__later") !== null;
  return [Number(section.dataset.firstSeq) || Infinity, isPast ? Number(last?.dataset.seq) : Infinity];
}

/**
 * @param {HTMLElement} section
 * @param {string} chat
 * @param {import("./kept.js").Kept} kept
 * @param {Typing} typing
 */
function startComposer(section, chat, kept, typing) {
  const form = /** @type {HTMLFormElement | null} */ (section.querySelector(".composer"));
  if (!form) return null;
  const name = `draft.${chat}`;
  const composer = new Composer(form, { load: () => kept.get(name) ?? "", save: (text) => kept.set(name, text) });
  composer.addEventListener("typed", () => typing.typed());
  return composer;
}

/**
 * @param {ChatParts} parts
 * @param {import("./connection.js").Connection} connection
 */
function keepSending({ sender, timeline, scroll }, connection) {
  const detail = (/** @type {Event} */ event) => /** @type {CustomEvent} */ (event).detail;
  sender.addEventListener("sent", (event) => timeline.acknowledge(detail(event).entry.client_id));
  sender.addEventListener("refused", (event) => scroll.during(() => timeline.showPending(detail(event).entry)));
  connection.addEventListener("state", () => sender.flush());
}

/**
 * @param {import("./page.js").Page} page
 * @param {string} chat
 * @param {number} seq
 */
function tellRead({ connection, me }, chat, seq) {
  if (!connection.isOnline) return false;
  connection.say("chat.read", { chat, seq });
  // The server tells the others; this page's own list is told here.
  connection.tell({ type: "receipt.read", chat, user: me, seq });
  return true;
}
