/** Notifications on this device: whether they are on, and what changes it. The browser is asked by a press alone. */

import { ApiError, get, post, remove } from "./api.js";
import { pushState } from "./push_state.js";

const MINE = "/api/users/me/push-subscriptions";
// As static/js/service_worker.js has them.
const WISH = "push";
const WISH_PATH = "/push-session";

/** @param {HTMLElement} section */
export function startPush(section) {
  /** @type {Record<string, () => Promise<string>>} */
  const deeds = { on: () => switchOn(section), off: switchOff, test };
  for (const button of section.querySelectorAll("button")) {
    const deed = deeds[button.dataset.action ?? ""];
    button.addEventListener("click", () => press(section, button, deed));
  }
  show(section);
}

/**
 * @param {HTMLElement} section
 * @param {HTMLButtonElement} button
 * @param {() => Promise<string>} deed answers what is to be said beside the state
 */
async function press(section, button, deed) {
  button.disabled = true;
  const word = await deed().catch((problem) => {
    if (problem instanceof ApiError) return problem.message || section.dataset.failed || "";
    // The browser's push service cannot be reached, or the browser was told not to ask it.
    if (problem instanceof DOMException) return section.dataset.failed ?? "";
    throw problem;
  });
  button.disabled = false;
  await show(section, section.dataset[word] ?? word);
}

/** @param {HTMLElement} section */
async function switchOn(section) {
  say(section, section.dataset.asking ?? "");
  if ((await Notification.requestPermission()) !== "granted") return "";
  const [{ key }, worker] = await Promise.all([get("/api/users/push-key"), navigator.serviceWorker.ready]);
  // One that was made for another key of the house would stand in the way.
  await (await worker.pushManager.getSubscription())?.unsubscribe();
  const made = await worker.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
  const { endpoint, keys } = made.toJSON();
  const time_zone = new Intl.DateTimeFormat().resolvedOptions().timeZone ?? "";
  const { session } = await post(MINE, { endpoint, keys, time_zone });
  // For the worker, should the push service end this subscription: it renews it for this session alone.
  await (await caches.open(WISH)).put(WISH_PATH, new Response(session));
  return "";
}

async function switchOff() {
  await remove(MINE);
  await caches.delete(WISH);
  const worker = await navigator.serviceWorker.ready;
  await (await worker.pushManager.getSubscription())?.unsubscribe();
  return "";
}

async function test() {
  await post(`${MINE}/test`);
  return "tested";
}

/**
 * @param {HTMLElement} section
 * @param {string} [word] what is said instead of the state
 */
async function show(section, word = "") {
  const state = pushState({
    isSecure: isSecureContext,
    isKnown: "PushManager" in window && "Notification" in window,
    permission: "Notification" in window ? Notification.permission : "default",
    isSubscribed: await isSubscribed(),
  });
  say(section, word || section.dataset[state] || "");
  const offered = { on: state === "off", off: state === "on", test: state === "on" };
  for (const [action, isOffered] of Object.entries(offered)) {
    /** @type {HTMLElement} */ (section.querySelector(`[data-action="${action}"]`)).hidden = !isOffered;
  }
}

/** Both the browser and the house say so. */
async function isSubscribed() {
  const worker = await navigator.serviceWorker?.getRegistration();
  if (!(await worker?.pushManager?.getSubscription())) return false;
  const { items } = await get(MINE);
  return items.some((/** @type {{ is_current: boolean }} */ one) => one.is_current);
}

/**
 * @param {HTMLElement} section
 * @param {string} words
 */
function say(section, words) {
  /** @type {HTMLElement} */ (section.querySelector(".push__state")).textContent = words;
}
