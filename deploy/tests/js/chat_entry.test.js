import assert from "node:assert/strict";
import { test } from "node:test";

import { afterChange, afterMessage, afterRead, isBehind, isStale, merged, unreadOf } from "../../../static/js/chat_entry.js";

const entry = (facts = {}) => ({ id: "c", kind: "group", title: "", version: 5, last_seq: 5, read_seq: 5, ...facts });
const message = (seq, sender) => ({ seq, version: seq, sender: { id: sender } });

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

test("a list that was under way does not undo what was read and written meanwhile", () => {
  const known = entry({ version: 9, last_seq: 9, read_seq: 9 });

  const shown = merged(known, entry({ title: "Renamed" }));

  assert.deepEqual(shown, entry({ title: "Renamed", version: 9, last_seq: 9, read_seq: 9 }));
});

test("a fetched state stands where none was known, or none that counts", () => {
  assert.deepEqual(merged(undefined, entry()), entry());
  assert.deepEqual(merged(entry({ version: NaN, last_seq: NaN, read_seq: NaN }), entry()), entry());
});

test("a list is stale when a chat moved on, came or went", () => {
  assert.equal(isStale([entry()], { c: 5 }), false);
  assert.equal(isStale([entry()], { c: 6 }), true);
  assert.equal(isStale([entry()], { c: 5, other: 1 }), true);
  assert.equal(isStale([entry()], {}), true);
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
  assert.equal(isStale([entry({ version: NaN })], { c: 5 }), true);
});
