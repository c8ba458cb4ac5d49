import assert from "node:assert/strict";
import { test } from "node:test";

import { afterSleep } from "../../../static/js/sleep.js";

test("a clock that jumped while the timers stood still means that the device slept", (context) => {
  context.mock.timers.enable({ apis: ["setInterval"] });
  const woken = context.mock.fn();
  let now = 0;
  afterSleep(woken, () => now);

  now += 5_000;
  context.mock.timers.tick(5_000);
  assert.equal(woken.mock.callCount(), 0);
  now += 3_600_000;
  context.mock.timers.tick(5_000);
  assert.equal(woken.mock.callCount(), 1);
  now += 5_000;
  context.mock.timers.tick(5_000);

  assert.equal(woken.mock.callCount(), 1);
});
