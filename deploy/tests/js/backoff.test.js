import assert from "node:assert/strict";
import { test } from "node:test";

import { FIRST_DELAY_MS, LONGEST_DELAY_MS, nextDelayMs } from "../../../static/js/backoff.js";

test("the longest possible wait doubles with each attempt", () => {
  const longest = [0, 1, 2, 3].map((attempt) => nextDelayMs(attempt, () => 1));

  assert.deepEqual(longest, [1, 2, 4, 8].map((factor) => factor * FIRST_DELAY_MS));
});

test("no wait is longer than the cap, however many attempts there were", () => {
  assert.equal(nextDelayMs(50, () => 1), LONGEST_DELAY_MS);
});

test("the jitter is full: a wait may be anything from nothing on", () => {
  assert.equal(nextDelayMs(8, () => 0), 0);
  assert.equal(nextDelayMs(0, () => 0.5), FIRST_DELAY_MS / 2);
});
