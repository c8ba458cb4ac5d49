import assert from "node:assert/strict";
import { test } from "node:test";

import { afterChange, afterMessage, afterRead, afterUnread } from "../../../static/js/chat_entry.js";
import { hasLost, isBehind, isDoubtful, isStale, uncountedOf, unreadOf } from "../../../static/js/chat_entry.js";

const numbers = { version: 5, last_seq: 5, read_seq: 5, uncounted: 0, mentions: 0 };
const entry = (facts = {}) => ({ id: "c", kind: "group", title: "", ...numbers, ...facts });
const message = (seq, sender, facts = {}) => ({ seq, version: seq, sender: { id: sender }, ...facts });

test("somebody's message is unread", () => {
  assert.equal(unreadOf(afterMessage(entry(), message(6, "bob"), "ada")), 1);
});

test("one's own message, on whatever device it was written, leaves nothing unread", () => {
  const before = entry({ last_seq: 9, read_seq: 5 });

  assert.equal(unreadOf(afterMessage(before, message(10, "ada"), "ada")), 0);
});

test("the same message twice counts once", () => {
  const once = afterMessage(entry(), message(6, "bob"), "ada");

  assert.equal(unreadOf(afterMessage(once, message(6, "bob"), "ada")), 1);
});

test("a read mark only moves forward", () => {
  const read = afterRead(entry({ last_seq: 9 }), 8);

  assert.equal(unreadOf(afterRead(read, 6)), 1);
});

test("what is deleted, or told by the system, is no news", () => {
  const two = entry({ last_seq: 7, version: 7, read_seq: 5 });

  const deleted = afterMessage(two, message(6, "bob", { version: 8, deleted_at: "now" }), "ada");
  const told = afterMessage(deleted, message(8, "bob", { version: 9, kind: "system" }), "ada");

  assert.deepEqual([unreadOf(deleted), unreadOf(told)], [1, 1]);
});

test("what was read, or was one's own, leaves the count when it is deleted", () => {
  const one = entry({ last_seq: 6, version: 6, read_seq: 5 });

  const read = afterMessage(one, message(5, "bob", { version: 7, deleted_at: "now" }), "ada");
  const own = afterMessage(read, message(6, "ada", { version: 8, deleted_at: "now" }), "ada");

  assert.equal(unreadOf(own), 1);
});

test("the system's word on one's own deed reads nothing", () => {
  const one = entry({ last_seq: 6, version: 6, read_seq: 5 });

  assert.equal(unreadOf(afterMessage(one, message(7, "ada", { kind: "system" }), "ada")), 1);
});

test("a mention counts while it is unread, of oneself or of all", () => {
  const calling = (user) => ({ mentions: [{ user, text: "@x" }] });

  const once = afterMessage(entry(), message(6, "bob", calling("ada")), "ada");
  const twice = afterMessage(once, message(7, "bob", calling(null)), "ada");
  const other = afterMessage(twice, message(8, "bob", calling("eve")), "ada");

  assert.equal(other.mentions, 2);
  assert.equal(afterRead(other, 8).mentions, 0);
});

test("a change of an unread message leaves doubt about mentions only where there may be any", () => {
  const unread = entry({ last_seq: 7, version: 7, read_seq: 5 });

  assert.equal(isDoubtful(unread, message(6, "bob", { version: 8 }), "ada"), false);
  assert.equal(isDoubtful({ ...unread, mentions: 1 }, message(6, "bob", { version: 8 }), "ada"), true);
  assert.equal(isDoubtful({ ...unread, mentions: 1 }, message(5, "bob", { version: 8 }), "ada"), false);
});

test("a mark that went back is taken as the server says", () => {
  const numbers = { last_seq: 5, read_seq: 2, unread: 2, mentions: 1 };

  const after = afterUnread(entry(), numbers);

  assert.deepEqual([unreadOf(after), after.mentions, uncountedOf(numbers)], [2, 1, 1]);
});

test("a list is stale when a chat moved on, came or went", () => {
  assert.equal(isStale([entry()], { c: 5 }, {}), false);
  assert.equal(isStale([entry()], { c: 6 }, { c: 6 }), true);
  assert.equal(isStale([entry()], { c: 5, other: 1 }, {}), true);
  assert.equal(isStale([entry()], {}, {}), true);
});

test("a chat that the list leaves out makes it stale only by moving on", () => {
  assert.equal(isStale([entry()], { c: 5, archived: 3 }, { c: 4, archived: 3 }), false);
  assert.equal(isStale([entry()], { c: 5, archived: 4 }, { c: 5, archived: 3 }), true);
});

test("a list is behind when a head has passed it; chats that it does not show are not its matter", () => {
  assert.equal(isBehind([entry()], { c: 5, other: 9 }), false);
  assert.equal(isBehind([entry()], {}), false);
  assert.equal(isBehind([entry()], { c: 6 }), true);
});

test("a change of name or people is a newer version, an older one is not", () => {
  assert.equal(afterChange(entry(), 6).version, 6);
  assert.equal(afterChange(entry(), 4).version, 5);
});

test("a list whose versions are unknown is stale", () => {
  assert.equal(isStale([entry({ version: NaN })], { c: 5 }, {}), true);
});

test("what is gone for good changes the numbers only where it had not been read, or was all there was", () => {
  const read = entry({ last_seq: 9, read_seq: 5 });

  assert.deepEqual([1, 6, 7, 10].map((below) => hasLost(read, below)), [false, false, true, true]);
  assert.equal(hasLost(entry({ last_seq: 9, read_seq: 9 }), 10), true);
  assert.equal(hasLost(entry({ last_seq: 9, read_seq: 9 }), 9), false);
});
