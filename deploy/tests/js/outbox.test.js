import assert from "node:assert/strict";
import { test } from "node:test";

import { Outbox } from "../../../static/js/outbox.js";

function fakeKept() {
  const texts = new Map();
  return {
    get: (name) => texts.get(name) ?? null,
    set: (name, text) => (text ? texts.set(name, text) : texts.delete(name)),
    names: (start) => [...texts.keys()].filter((name) => name.startsWith(start)),
  };
}

const entry = (client_id, second) => ({
  client_id,
  body: client_id,
  reply_to: null,
  created_at: `2026-11-22T10:00:0${second}.000Z`,
});
const ids = (outbox) => outbox.entries().map((waiting) => waiting.client_id);

test("messages wait in the order in which they were written", () => {
  const outbox = new Outbox("c", fakeKept());

  outbox.add(entry("b", 1));
  outbox.add(entry("a", 2));

  assert.deepEqual(ids(outbox), ["b", "a"]);
});

test("they wait through a reload, in the same order", () => {
  const kept = fakeKept();
  const outbox = new Outbox("c", kept);
  outbox.add(entry("z", 1));
  outbox.add(entry("a", 2));

  assert.deepEqual(ids(new Outbox("c", kept)), ["z", "a"]);
});

test("what is acknowledged is gone, also after a reload", () => {
  const kept = fakeKept();
  const outbox = new Outbox("c", kept);
  outbox.add(entry("a", 1));

  outbox.remove("a");

  assert.deepEqual(ids(new Outbox("c", kept)), []);
});

test("each chat has its own", () => {
  const kept = fakeKept();
  new Outbox("c", kept).add(entry("a", 1));

  assert.deepEqual(ids(new Outbox("other", kept)), []);
});

test("a refused message does not hold up the next", () => {
  const outbox = new Outbox("c", fakeKept());
  outbox.add(entry("a", 1));
  outbox.add(entry("b", 2));

  outbox.refuse("a", "Not allowed.");

  assert.equal(outbox.next().client_id, "b");
  assert.equal(outbox.get("a").refusal, "Not allowed.");
});

test("a refused message is sent again under the same id when its author wants it", () => {
  const kept = fakeKept();
  const outbox = new Outbox("c", kept);
  outbox.add(entry("a", 1));
  outbox.refuse("a", "Not allowed.");

  outbox.retry("a");

  assert.equal(new Outbox("c", kept).next().client_id, "a");
});

test("a damaged entry is left out", () => {
  const kept = fakeKept();
  kept.set("outbox.c.x", "{not json");
  new Outbox("c", kept).add(entry("a", 1));

  assert.deepEqual(ids(new Outbox("c", kept)), ["a"]);
});
