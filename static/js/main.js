/** Starts what the page asks for by `data-controller`, then connects it. */

import { openCards } from "./card_links.js";
import { showLocalTimes } from "./local_times.js";
import { closeMenusElsewhere } from "./menus.js";
import { Page } from "./page.js";
import { tellOwnZone } from "./own_zone.js";
import { patiently } from "./patience.js";

/** @typedef {(element: HTMLElement, page: Page) => unknown} Start */

/** A page loads only what it shows. @type {Record<string, () => Promise<Start>>} */
const LIVE = {
  chat: async () => (await import("./chat.js")).startChat,
  "chat-list": async () => construct((await import("./chat_list.js")).ChatList),
  connection: async () => construct((await import("./connection_status.js")).ConnectionStatus),
  person: async () => () => {}, // nothing of its own: it hears of people, and who is there
  held: async () => (await import("./held_list.js")).startHeldList,
  "chat-settings": async () => (await import("./chat_settings.js")).startChatSettings,
  members: async () => construct((await import("./members.js")).MemberList),
  invitation: async () => construct((await import("./invitation.js")).InvitationPage),
  reports: async () => (await import("./reports_link.js")).startReportsLink,
  waiting: async () => (await import("./waiting.js")).startWaiting,
};

/** These work for strangers too. @type {Record<string, () => Promise<Start>>} */
const PLAIN = {
  "copy-link": async () => (await import("./copy_link.js")).startCopyLink,
  "device-code": async () => (await import("./device_code.js")).startDeviceCode,
  ending: async () => (await import("./ending.js")).startEnding,
  passkey: async () => (await import("./passkey.js")).startPasskey,
  "time-zone": async () => (await import("./time_zone.js")).startTimeZone,
  "recovery-codes": async () => (await import("./recovery_codes.js")).startRecoveryCodes,
  push: async () => (await import("./push.js")).startPush,
  print: async () => (await import("./print.js")).startPrint,
  scan: async () => (await import("./scan.js")).startScan,
  files: async () => (await import("./chat_files.js")).startViewing,
  join: async () => (await import("./join.js")).startJoin,
};

/**
 * @param {new (element: HTMLElement, page: Page) => object} Controller
 * @returns {Start}
 */
function construct(Controller) {
  return (element, page) => new Controller(element, page);
}

/**
 * One controller that fails must not take the others with it.
 *
 * @param {Record<string, () => Promise<Start>>} controllers
 * @param {Page} page
 * @returns {Promise<number>} how many were started
 */
async function startAll(controllers, page) {
  const wanted = [...document.querySelectorAll("[data-controller]")].map((element) => {
    const load = controllers[/** @type {HTMLElement} */ (element).dataset.controller ?? ""];
    // One of forty small files that a phone's network lost must not cost the page its life.
    return load && patiently(load).then((start) => start(/** @type {HTMLElement} */ (element), page));
  });
  const results = await Promise.allSettled(wanted.filter((promise) => promise !== undefined));
  for (const result of results) if (result.status === "rejected") reportError(result.reason);
  return results.length;
}

/** @param {Page} page */
function forgetOnLogout(page) {
  document.addEventListener("submit", (event) => {
    const form = /** @type {HTMLFormElement} */ (event.target);
    if (form.getAttribute("action") === "/logout") page.forget();
  });
}

/** On plain http from another device there is none; the browser's own page then says that it is offline. */
function keepOfflinePage() {
  navigator.serviceWorker?.register("/service-worker.js").catch(() => {});
}

/** What every page of somebody's has, and nobody waits for. */
async function loadWatchers() {
  const [presence, people, knocks, alerts, due, notices, silence, held] = await Promise.all([
    import("./presence.js"),
    import("./people.js"),
    import("./knocks.js"),
    import("./alerts.js"),
    import("./due.js"),
    import("./staff_notices.js"),
    import("./silence.js"),
    import("./held.js"),
  ]);
  return [
    presence.watchPresence,
    people.watchPeople,
    knocks.watchKnocks,
    alerts.watchMessages,
    due.watchDue,
    notices.watchStaffNotices,
    silence.watchSilence,
    held.watchHeld,
  ];
}

async function main() {
  const page = new Page();
  keepOfflinePage();
  forgetOnLogout(page);
  showLocalTimes();
  tellOwnZone();
  closeMenusElsewhere();
  openCards();
  await startAll(PLAIN, page);
  if (!page.me) return;
  page.keepSending();
  const restored = page.outbox.refresh();
  if ((await startAll(LIVE, page)) === 0) {
    await restored;
    if (page.outbox.entries().length === 0) return;
  }
  for (const watch of await patiently(loadWatchers)) watch(page);
  // Last: what the server says first must not find anybody asleep.
  page.connect();
}

main();
