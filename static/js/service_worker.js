/** Answers for the network while there is none, and shows what is pushed. Nothing of what people say is kept here. */

const CACHE = "offline";
const PAGE = "/offline";
// What the page needs, by what it says itself: names change with their content.
const PARTS = /(?<=(?:href|src)=")(\/static\/[^"]+)(?=")/g;
// Only what carries this is looked for here; all other files go past this worker at full speed.
const KEPT = "?kept";

// As static/js/push.js has them.
const MINE = "/api/users/me/push-subscriptions";
const WISH = "push";
const WISH_PATH = "/push-session";
const SETTINGS = "/settings/notifications";

/** As `self` of a service worker, which the DOM's types do not know. @type {any} */
const worker = self;

async function keep() {
  const answer = await fetch(PAGE, { credentials: "omit" });
  if (!answer.ok) throw new Error(`${PAGE}: ${answer.status}`);
  const text = (await answer.text()).replaceAll(PARTS, `$1${KEPT}`);
  const headers = new Headers(answer.headers);
  for (const name of ["content-encoding", "content-length"]) headers.delete(name);
  const wanted = new Set([...(text.match(new RegExp(`/static/[^"]+\\${KEPT}`, "g")) ?? []), PAGE]);
  const cache = await caches.open(CACHE);
  await cache.addAll([...wanted].filter((path) => path !== PAGE));
  await cache.put(PAGE, new Response(text, { headers }));
  // Last: a part that cannot be had must not cost the page that there is.
  for (const kept of await cache.keys()) if (!wanted.has(pathOf(kept.url))) await cache.delete(kept);
}

/** @param {string} url */
function pathOf(url) {
  const { pathname, search } = new URL(url);
  return pathname + search;
}

/** @param {any} event */
async function page(event) {
  try {
    return (await event.preloadResponse) ?? (await fetch(event.request));
  } catch {
    return (await caches.match(PAGE)) ?? Response.error();
  }
}

worker.addEventListener("install", (/** @type {any} */ event) => event.waitUntil(keep()));

// The browser may ask for a page while it still wakes this worker.
worker.addEventListener("activate", (/** @type {any} */ event) =>
  event.waitUntil(worker.registration.navigationPreload?.enable()),
);

worker.addEventListener("fetch", (/** @type {any} */ event) => {
  const { method, mode, url } = event.request;
  if (method !== "GET") return;
  if (mode === "navigate") event.respondWith(page(event));
  else if (url.endsWith(KEPT)) event.respondWith(caches.match(event.request));
});

/** @param {any} data as chat_svc's NoticeJson */
async function tell({ title, text, tag, url }) {
  const pages = await worker.clients.matchAll({ type: "window", includeUncontrolled: true });
  // Who looks at that very page sees it there, and the browser asks for nothing more.
  if (tag !== "test" && pages.some((/** @type {any} */ page) => page.focused && isAt(page, url))) return;
  const isOfOld = tag.startsWith("reminder-");
  await worker.registration.showNotification(title, { body: text, tag, renotify: true, data: { url, isOfOld } });
}

/** @param {any} page @param {string} url */
function isAt(page, url) {
  return new URL(page.url).pathname === new URL(url, page.url).pathname;
}

/**
 * At the message; a page that shows the chat's end shows what is new already.
 *
 * @param {{ url: string, isOfOld: boolean }} told
 */
async function open({ url, isOfOld }) {
  const pages = await worker.clients.matchAll({ type: "window", includeUncontrolled: true });
  const there = pages.find((/** @type {any} */ page) => isAt(page, url));
  if (!there) return worker.clients.openWindow(url);
  await there.focus();
  if (isOfOld || new URL(there.url).search) await there.navigate(url);
}

/**
 * The push service has ended the browser's subscription: another takes its place, for the session that wished for it.
 * Who has logged in here since then has not been asked.
 */
async function subscribeAnew() {
  const wish = await (await caches.open(WISH)).match(WISH_PATH);
  const sessions = wish && (await asked("/api/auth/sessions"));
  const current = sessions?.items.find((/** @type {any} */ one) => one.current);
  if (!wish || !current || current.id !== (await wish.text())) return;
  const { key } = await asked("/api/users/push-key");
  const made = await worker.registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
  const { endpoint, keys } = made.toJSON();
  const time_zone = new Intl.DateTimeFormat().resolvedOptions().timeZone ?? "";
  await tellHouse({ endpoint, keys, time_zone });
}

/** @param {string} path */
async function asked(path) {
  const answer = await fetch(path);
  return answer.ok ? answer.json() : null;
}

/** @param {object} subscription */
async function tellHouse(subscription) {
  // A worker reads no cookies; a page says the token.
  const page = await (await fetch(SETTINGS)).text();
  const token = /name="csrf-token" content="(\w+)"/.exec(page)?.[1] ?? "";
  const headers = { "Content-Type": "application/json", "X-CSRFToken": token };
  const answer = await fetch(MINE, { method: "POST", headers, body: JSON.stringify(subscription) });
  if (!answer.ok) throw new Error(`${MINE}: ${answer.status}`);
}

worker.addEventListener("pushsubscriptionchange", (/** @type {any} */ event) => event.waitUntil(subscribeAnew()));

worker.addEventListener("push", (/** @type {any} */ event) => event.waitUntil(tell(event.data.json())));

worker.addEventListener("notificationclick", (/** @type {any} */ event) => {
  event.notification.close();
  event.waitUntil(open(event.notification.data));
});
