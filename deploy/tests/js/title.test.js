import assert from "node:assert/strict";
import { test } from "node:test";

import { countable, counted, most } from "../../../static/js/title.js";

test("the tab tells how much is unread, before the title that a narrow tab cuts off", () => {
  assert.equal(counted("Tea · ABDRE Chat", 3), "(3) Tea · ABDRE Chat");
});

test("nothing unread says nothing", () => {
  assert.equal(counted("Tea", 0), "Tea");
});

test("beyond what anybody counts it says only that there is more", () => {
  assert.equal(counted("Tea", 99), "(99) Tea");
  assert.equal(counted("Tea", 100), "(99+) Tea");
  assert.deepEqual([most(99), most(100)], ["99", "99+"]);
});

for (const [chat, count] of [
  [{}, 5],
  [{ notify: "mentions" }, 2],
  [{ notify: "nothing" }, 0],
  [{ isMuted: true }, 0],
  [{ isMuted: true, notify: "mentions" }, 0],
]) {
  test(`of a chat with ${JSON.stringify(chat)} so much counts`, () => {
    assert.equal(countable({ unread: 5, mentions: 2, notify: "all", isMuted: false, ...chat }), count);
  });
}
