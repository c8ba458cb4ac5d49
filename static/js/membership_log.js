/** Shows between the messages who came, went, or was given a role. */

import { get } from "./api.js";
import { arrange, place, takeOut } from "./layout.js";
import { LogNews } from "./log_news.js";
import { lineWords, linesOf } from "./membership_lines.js";
import { clockTime } from "./time.js";

export class MembershipLog {
  #list;
  #scroll;
  #news;
  /** By version. @type {Map<number, MembershipEntry>} */
  #entries = new Map();
  /** By the version of a line's first entry. @type {Map<number, HTMLElement>} */
  #rows = new Map();

  /**
   * @param {HTMLElement} section with the lines that the server rendered, and their entries
   * @param {{ store: import("./timeline_store.js").TimelineStore, scroll: import("./scroll.js").ScrollKeeper,
   *   connection: { calmMs: number } }} options
   */
  constructor(section, { store, scroll, connection }) {
    this.#list = /** @type {HTMLElement} */ (section.querySelector(".timeline__list"));
    this.#scroll = scroll;
    const { chat, lastSeq } = section.dataset;
    this.#news = new LogNews({
      // A page that shows a piece of the past shows nothing of today.
      show: (entries) => this.#arrived(entries.filter(({ after_seq }) => store.holds(after_seq))),
      ask: async (since) => (await get(`/api/chats/${chat}/membership-log?after=${since}`)).items,
      calm: () => new Promise((resolve) => setTimeout(resolve, connection.calmMs)),
      last: () => store.last,
      since: Number(lastSeq),
    });
    for (const row of this.#list.querySelectorAll(".timeline__log")) this.#adopt(/** @type {HTMLElement} */ (row));
    this.add(JSON.parse(section.querySelector("#membership-log")?.textContent ?? "[]"));
  }

  /** Of a `membership.changed`: null where there is nothing to show. @param {MembershipEntry | null} [entry] */
  heard(entry) {
    this.#news.heard(entry);
  }

  caughtUp() {
    this.#news.caughtUp();
  }

  /** Those that are shown already are known by their version. @param {MembershipEntry[]} entries */
  add(entries) {
    const fresh = entries.filter(({ version }) => !this.#entries.has(version));
    for (const entry of fresh) this.#entries.set(entry.version, entry);
    for (const seq of new Set(fresh.map(({ after_seq }) => after_seq))) this.#draw(seq);
  }

  /** What stood between messages that are gone for good. @param {number} below the first message that stays */
  forget(below) {
    for (const { version, after_seq } of [...this.#entries.values()]) {
      if (after_seq >= below - 1) continue;
      this.#entries.delete(version);
      this.#drop(version);
    }
  }

  /** Forget all of it; the list has been emptied. */
  clear() {
    this.#entries.clear();
    this.#rows.clear();
  }

  /** @param {MembershipEntry[]} entries */
  #arrived(entries) {
    this.#scroll.during(() => this.add(entries));
  }

  /** @param {HTMLElement} row */
  #adopt(row) {
    this.#rows.set(Number(row.dataset.version), row);
  }

  /** The lines after a message, of all that is known to have happened there. @param {number} seq */
  #draw(seq) {
    const there = [...this.#entries.values()].filter(({ after_seq }) => after_seq === seq);
    const lines = linesOf(there.sort((one, other) => one.version - other.version));
    const firsts = new Set(lines.map(([first]) => first.version));
    for (const { version } of there) if (!firsts.has(version)) this.#drop(version);
    for (const line of lines) this.#show(line);
  }

  /** @param {MembershipEntry[]} line */
  #show(line) {
    const words = lineWords(line);
    if (!words) return;
    const row = this.#rows.get(line[0].version) ?? this.#made(line[0]);
    const text = /** @type {HTMLElement} */ (row.firstElementChild);
    if (text.textContent !== words) text.textContent = words;
    /** @type {HTMLElement} */ (row.lastElementChild).textContent = clockTime(line[0].at);
    place(this.#list, row);
    arrange(row);
  }

  /** @param {MembershipEntry} first */
  #made({ version, after_seq, at }) {
    const row = document.createElement("li");
    row.className = "timeline__log";
    Object.assign(row.dataset, { after: after_seq, version, createdAt: at });
    const time = document.createElement("time");
    time.dateTime = at;
    row.append(document.createElement("span"), " ", time);
    this.#rows.set(version, row);
    return row;
  }

  /** It has become part of another line. @param {number} version */
  #drop(version) {
    const row = this.#rows.get(version);
    if (row) takeOut(row);
    this.#rows.delete(version);
  }
}
