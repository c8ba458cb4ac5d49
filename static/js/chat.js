/** Puts the parts of the open chat together. */

import { quietly } from "./announcements.js";
import { ChatDeeds } from "./chat_deeds.js";
import { ChatEvents } from "./chat_events.js";
import { startFiles } from "./chat_files.js";
import { Composer } from "./composer.js";
import { startTools } from "./composer_tools.js";
import { Draft, renderedDraft } from "./draft.js";
import { History } from "./history.js";
import { MembershipLog } from "./membership_log.js";
import { offerNames } from "./mention_offer.js";
import { MessageMenu } from "./message_menu.js";
import { Reactions } from "./reactions.js";
import { PinnedBar } from "./pinned_bar.js";
import { ReadMarks } from "./read_marks.js";
import { Roster } from "./roster.js";
import { ScrollKeeper } from "./scroll.js";
import { threadDraft } from "./thread_draft.js";
import { Timeline } from "./timeline.js";
import { TimelineStore } from "./timeline_store.js";
import { Typing } from "./typing.js";
import { UnsentMessages } from "./unsent_messages.js";

/**
 * @param {HTMLElement} section
 * @param {import("./page.js").Page} page
 */
export function startChat(section, page) {
  const chat = section.dataset.chat ?? "";
  const parts = assemble(section, chat, page);
  new ChatDeeds(section, parts, page);
  const events = new ChatEvents(section, parts, page);
  new UnsentMessages(section, parts, page);
  new Reactions(section, parts, page);
  new MessageMenu(section, parts);
  startFiles(section, chat, parts.composer);
  begin(section, parts.scroll);
  // The message that was asked for has the focus.
  const isAsked = section.querySelector(".message--target") !== null;
  if (!isAsked && matchMedia("(pointer: fine)").matches) parts.composer?.focus();
  page.feed.follow(chat, Number(section.dataset.version), events);
}

/**
 * At the message that was asked for, at what is new, or at the end.
 *
 * @param {HTMLElement} section
 * @param {ScrollKeeper} scroll
 */
function begin(section, scroll) {
  const target = section.querySelector(".message--target");
  const line = section.querySelector(".timeline__unread");
  if (target) scroll.toElement(target, "center");
  else if (line) scroll.toElement(line, "start");
  else if (!location.hash) scroll.toEnd();
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
  const thread = Number(section.dataset.thread ?? 0);
  const log = part(".timeline");
  const timeline = quietly(log, () => new Timeline(part(".timeline__list"), template, view, store));
  const scroll = new ScrollKeeper(log, part('[data-action="jump-latest"]'), () => marks.update());
  const marks = new ReadMarks({
    readSeq: Number(section.dataset.readSeq),
    // What was said beside a thread is not seen there.
    look: () => (scroll.isAtEnd && !thread ? store.last : 0),
    tell: (seq) => tellRead(page, chat, seq),
  });
  const live = { store, scroll, connection };
  const membershipLog = thread ? null : quietly(log, () => new MembershipLog(section, live));
  const roster = new Roster();
  const tellTyping = () => connection.say("typing.start", { chat });
  const typing = new Typing({ element: part(".typing"), tell: tellTyping, nameOf: (user) => roster.nameOf(user) });
  const link = part(".timeline__earlier");
  const path = `/api/chats/${chat}/messages${thread ? `/${thread}/thread` : ""}`;
  const history = new History({ link, log, path, store, timeline, membershipLog, scroll });
  const pins = thread ? null : new PinnedBar(section);
  const draft = thread ? threadDraft(chat, thread, kept) : new Draft(chat, kept, renderedDraft(section));
  const composer = startComposer(section, draft, kept, typing);
  if (draft instanceof Draft) {
    const answered = () => store.get(draft.replyTo ?? 0) ?? null;
    if (draft.replyTo) composer?.show(answered());
    draft.addEventListener("elsewhere", () => composer?.show(answered()));
    page.on("draft.changed", (item) => item.chat === chat && draft.heard(item.draft));
  }
  const text = part(".composer__text");
  if (text) offerNames(text, { roster, me, mayModerate });
  return { thread, store, timeline, membershipLog, scroll, marks, typing, history, composer, roster, pins };
}

/**
 * Which seqs the server rendered: all newer ones belong to the page too, unless it shows a piece of the past.
 *
 * @param {HTMLElement} section
 * @returns {[number, number, number]}
 */
function shownWindow(section) {
  const rows = section.querySelectorAll(".timeline__list .message");
  const last = /** @type {HTMLElement | undefined} */ (rows[rows.length - 1]);
  const isPast = section.querySelector(".timeline__later") !== null;
  const { firstSeq, thread = 0 } = section.dataset;
  return [Number(firstSeq) || Infinity, isPast ? Number(last?.dataset.seq) : Infinity, Number(thread)];
}

/**
 * @param {HTMLElement} section
 * @param {Draft | ReturnType<typeof threadDraft>} draft
 * @param {import("./kept.js").Kept} kept
 * @param {Typing} typing
 */
function startComposer(section, draft, kept, typing) {
  const form = /** @type {HTMLFormElement | null} */ (section.querySelector(".composer"));
  if (!form) return null;
  startTools(form, kept);
  const composer = new Composer(form, draft);
  composer.addEventListener("typed", () => typing.typed());
  return composer;
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
