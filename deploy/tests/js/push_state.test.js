import assert from "node:assert/strict";
import { test } from "node:test";

import { pushState } from "../../../static/js/push_state.js";

const READY = { isSecure: true, isKnown: true, permission: "granted", isSubscribed: true };

for (const [change, state] of [
  [{}, "on"],
  [{ isSubscribed: false }, "off"],
  [{ permission: "default" }, "off"],
  [{ permission: "denied" }, "denied"],
  [{ isKnown: false }, "unsupported"],
  [{ isSecure: false, isKnown: false, permission: "denied" }, "insecure"],
]) {
  test(`${JSON.stringify(change)} is ${state}`, () => assert.equal(pushState({ ...READY, ...change }), state));
}
