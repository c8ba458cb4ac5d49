/** Says how long to wait, so that many who have the same reason do not come all at once. */

export const FIRST_DELAY_MS = 500;
export const LONGEST_DELAY_MS = 30_000;

/**
 * Milliseconds to wait before attempt number `attempt` (from 0): full jitter, so that thousands of clients of one
 * stopped server do not come back in one wave.
 *
 * Source: "Exponential Backoff and Jitter", AWS Architecture Blog, 2015.
 *
 * @param {number} attempt
 * @param {() => number} [random] between 0 and 1
 * @returns {number}
 */
export function nextDelayMs(attempt, random = Math.random) {
  return random() * Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** attempt);
}

/**
 * Milliseconds to wait before something that everybody else does now as well.
 *
 * @param {number} longestMs
 * @param {() => number} [random] between 0 and 1
 * @returns {number}
 */
export function spreadMs(longestMs, random = Math.random) {
  return random() * longestMs;
}
