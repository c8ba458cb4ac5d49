import assert from "node:assert/strict";
import { test } from "node:test";

import { counted } from "../../../static/js/title.js";

test("the tab tells how much is unread, before the title that a narrow tab cuts off", () => {
  assert.equal(counted("Tea · ABDRE Chat", 3), "(3) Tea · ABDRE Chat");
});

test("nothing unread says nothing", () => {
  assert.equal(counted("Tea", 0), "Tea");
});

test("beyond what anybody counts it says only that there is more", () => {
  assert.equal(counted("Tea", 99), "(99) Tea");
  assert.equal(counted("Tea", 100), "(99+) Tea");
});
