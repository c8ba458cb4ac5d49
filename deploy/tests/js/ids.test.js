import assert from "node:assert/strict";
import { test } from "node:test";

import { uuid4 } from "../../../static/js/ids.js";

test("an id is a UUID of version 4", () => {
  assert.match(uuid4(), /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});

test("version and variant are set whatever the random bytes are", () => {
  assert.equal(uuid4((bytes) => bytes.fill(0xff)), "ffffffff-ffff-4fff-bfff-ffffffffffff");
  assert.equal(uuid4((bytes) => bytes.fill(0)), "00000000-0000-4000-8000-000000000000");
});

test("a thousand ids are a thousand different ones", () => {
  assert.equal(new Set(Array.from({ length: 1000 }, () => uuid4())).size, 1000);
});

test("it does without crypto.randomUUID, which plain http does not have", () => {
  const original = crypto.randomUUID;
  Object.defineProperty(crypto, "randomUUID", { value: undefined, configurable: true });

  assert.equal(uuid4().length, 36);

  Object.defineProperty(crypto, "randomUUID", { value: original, configurable: true });
});
