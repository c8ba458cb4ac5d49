import assert from "node:assert/strict";
import { test } from "node:test";

import { uuid7 } from "../../../static/js/ids.js";

test("an id is a UUID of version 7", () => {
  assert.match(uuid7(), /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});

test("time, version and variant are set whatever the random bytes are", () => {
  const now = 0x0123456789ab;
  assert.equal(uuid7((bytes) => bytes.fill(0xff), now), "01234567-89ab-7fff-bfff-ffffffffffff");
  assert.equal(uuid7((bytes) => bytes.fill(0), now), "01234567-89ab-7000-8000-000000000000");
});

test("a thousand ids are a thousand different ones", () => {
  assert.equal(new Set(Array.from({ length: 1000 }, () => uuid7())).size, 1000);
});

test("it does without crypto.randomUUID, which plain http does not have", () => {
  const original = crypto.randomUUID;
  Object.defineProperty(crypto, "randomUUID", { value: undefined, configurable: true });

  assert.equal(uuid7().length, 36);

  Object.defineProperty(crypto, "randomUUID", { value: original, configurable: true });
});
