import assert from "node:assert/strict";
import { test } from "node:test";

import { RENEWALS, stepAfter } from "../../../static/js/device_wait.js";

const refused = (status, code, renewals = 0) => stepAfter(null, { status, code }, renewals);

test("a confirmed code opens the door, one that nobody has looked at is waited for", () => {
  assert.equal(stepAfter({ user: { id: "ada" } }, null, 0), "enter");
  assert.equal(stepAfter({ state: "waiting" }, null, 0), "wait");
});

test("a code that has ended is followed by the next, but not for ever", () => {
  assert.equal(refused(410, "device_code_expired"), "renew");
  assert.equal(refused(410, "device_code_expired", RENEWALS - 1), "renew");
  assert.equal(refused(410, "device_code_expired", RENEWALS), "rest");
});

test("after a no nothing is asked again", () => {
  for (const code of ["device_code_declined", "device_code_used"]) assert.equal(refused(410, code), "tell");
  assert.equal(refused(404, "device_code_unknown"), "tell");
});

test("what passes by itself is no end", () => {
  assert.equal(refused(0, "offline"), "wait");
  assert.equal(refused(429, "too_many"), "wait");
  assert.equal(refused(503, "unavailable"), "wait");
});
