/** Tells of a message that its person does not see: a line on this page, a sound, a notification if it is hidden. */

import { isQuiet, isWanted, timeIn } from "./alert_rules.js";
import { get } from "./api.js";
import { calls } from "./mentions.js";
import { ring } from "./sound.js";
import { showNews } from "./news_line.js";

// Several tabs hear the same message; one of them rings.
const HELD_MS = 3_000;

/** What the person wants of each chat, until they say otherwise. @type {Map<string, Promise<any>>} */
const chats = new Map();
/** @type {Promise<any> | undefined} */
let hours;
let isListening = false;

/**
 * @param {Message} message
 * @param {import("./page.js").Page} page
 */
export async function tellOf(message, page) {
  listen(page);
  const [chat, wishes] = await Promise.all([chatOf(message.chat), preferences()]);
  const now = Date.now();
  if (!chat || !isWanted(chat, { isMention: calls(message, page.me), now })) return;
  if (isQuiet(wishes, timeIn(wishes.time_zone, now)) || isFromBlocked(message)) return;
  const told = toldOf(message, chat.title, wishes.hides_text);
  if (document.visibilityState === "visible") showNews(told);
  await once(`${message.chat}.${message.seq}`, async () => {
    if (wishes.sounds) ring();
    if (document.visibilityState !== "visible") await notify(told);
  });
}

/** @param {import("./page.js").Page} page */
function listen(page) {
  if (isListening) return;
  isListening = true;
  for (const type of ["chat_preferences.changed", "chat.changed"]) page.on(type, ({ chat }) => chats.delete(chat));
  page.on("preferences.changed", () => (hours = undefined));
  // What changed while there was no socket was told to nobody here.
  page.on("hello", () => (chats.clear(), (hours = undefined)));
}

/** @param {string} chat */
function chatOf(chat) {
  const known = chats.get(chat) ?? get(`/api/chats/${chat}`).catch(() => (chats.delete(chat), null));
  chats.set(chat, known);
  return known;
}

function preferences() {
  const silent = { quiet_from: "", quiet_until: "" };
  hours ??= get("/api/users/me/preferences").catch(() => ((hours = undefined), silent));
  return hours;
}

/** @param {Message} message */
function isFromBlocked({ sender }) {
  return (document.body.dataset.blocked ?? "").split(" ").includes(sender.id);
}

/**
 * @param {Message} message
 * @param {string} title
 * @param {boolean} isHidden
 */
function toldOf({ chat, seq, sender, body, preview }, title, isHidden) {
  const text = isHidden ? "" : (preview ?? body).slice(0, 100);
  const name = sender.display_name;
  const url = `/chats/${chat}?at=${seq}`;
  return { chat, url, title: title || name, text: title && title !== name ? `${name}: ${text}` : text };
}

/**
 * Where locks are unknown (a page that is not https), each tab does it.
 *
 * @param {string} name
 * @param {() => Promise<void>} deed
 */
async function once(name, deed) {
  if (!navigator.locks) return deed();
  await navigator.locks.request(`alert.${name}`, { ifAvailable: true }, async (lock) => {
    if (!lock) return;
    await deed();
    await new Promise((done) => setTimeout(done, HELD_MS));
  });
}

/** Where push is on, that comes by itself. @param {{ chat: string, url: string, title: string, text: string }} told */
async function notify({ chat, url, title, text }) {
  if (!("Notification" in window) || Notification.permission !== "granted") return;
  const worker = await navigator.serviceWorker?.getRegistration();
  if (!worker || (await worker.pushManager?.getSubscription())) return;
  await worker.showNotification(title, { body: text, tag: chat, data: { url } });
}
