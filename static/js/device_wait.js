/** Decides what a new device does with each answer to "has somebody confirmed my code?". */

/** As many codes as a page shows by itself: after five minutes nobody is waiting any more. */
export const RENEWALS = 9;

/** @typedef {"enter" | "wait" | "renew" | "rest" | "tell"} Step */

/**
 * @param {{ user?: object } | null} answer what the server said, unless it refused
 * @param {{ status: number, code: string } | null} refusal
 * @param {number} renewals how many times a new code has been shown
 * @returns {Step} `rest`: show that it has ended; `tell`: let the server's page say why
 */
export function stepAfter(answer, refusal, renewals) {
  if (answer) return answer.user ? "enter" : "wait";
  if (refusal?.code === "device_code_expired") return renewals < RENEWALS ? "renew" : "rest";
  // Declined, used, forgotten: that is the end. All else (no network, too fast, a service away) passes.
  return refusal?.status === 410 || refusal?.status === 404 ? "tell" : "wait";
}
