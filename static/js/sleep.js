/** Notices that the device slept: its timers stood still while the clock went on. */

const TICK_MS = 5_000;
const SLEPT_MS = 15_000;

/**
 * A laptop that is opened shows the page as it was and tells it nothing. A hidden page, whose timers browsers run once
 * a minute, calls it too: one question to the server a minute.
 *
 * @param {() => void} deed
 * @param {() => number} [now] milliseconds
 */
export function afterSleep(deed, now = Date.now) {
  let last = now();
  return setInterval(() => {
    const hasSlept = now() - last > SLEPT_MS;
    last = now();
    if (hasSlept) deed();
  }, TICK_MS);
}
