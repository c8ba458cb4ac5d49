import assert from "node:assert/strict";
import { test } from "node:test";

import { TimelineStore } from "../../../static/js/timeline_store.js";

const message = (seq, version = seq, body = `${seq}.${version}`) => ({ seq, version, body, reply_to: null });
const bodies = (store) => store.all().map((shown) => shown.body);

test("messages stand in the order of their seq, however they arrive", () => {
  const store = new TimelineStore();

  [3, 1, 2].forEach((seq) => store.receive(message(seq)));

  assert.deepEqual(bodies(store), ["1.1", "2.2", "3.3"]);
});

test("a newer version replaces an older one", () => {
  const store = new TimelineStore();
  store.receive(message(1, 1));

  assert.equal(store.receive(message(1, 5)), "updated");

  assert.deepEqual(bodies(store), ["1.5"]);
});

test("an older version never replaces a newer one", () => {
  const store = new TimelineStore();
  store.receive(message(1, 5));

  assert.equal(store.receive(message(1, 2)), "ignored");

  assert.deepEqual(bodies(store), ["1.5"]);
});

test("the same version twice is one message and no change", () => {
  const store = new TimelineStore();

  assert.equal(store.receive(message(1)), "inserted");
  assert.equal(store.receive(message(1)), "ignored");
});

test("a change of a message before the window stays out until its page is loaded", () => {
  const store = new TimelineStore(10);
  store.receive(message(10));

  assert.equal(store.receive(message(4, 99)), "ignored");

  assert.deepEqual(bodies(store), ["10.10"]);
});

test("loading earlier messages widens the window", () => {
  const store = new TimelineStore(10);

  store.load([message(8), message(9)]);

  assert.equal(store.first, 8);
  assert.equal(store.receive(message(8, 99)), "updated");
});

test("a page that was under way does not undo what happened meanwhile", () => {
  const store = new TimelineStore();
  store.receive(message(2, 7, "edited"));

  const shown = store.load([message(1), message(2, 2)]);

  assert.deepEqual(shown.map((entry) => entry.body), ["1.1", "edited"]);
});

test("a page of the past does not take today's messages", () => {
  const store = new TimelineStore(1, 50);

  assert.equal(store.receive(message(51)), "ignored");
  assert.equal(store.receive(message(50)), "inserted");
});

test("after clearing, live messages and the loaded page meet without a hole", () => {
  const store = new TimelineStore(500);
  store.receive(message(600));
  store.clear();

  store.receive(message(703));
  store.load([message(700), message(701), message(702)]);

  assert.deepEqual(store.all().map((shown) => shown.seq), [700, 701, 702, 703]);
  assert.equal(store.first, 700);
});

test("an empty page changes nothing", () => {
  const store = new TimelineStore(10);

  assert.deepEqual(store.load([]), []);
  assert.equal(store.first, 10);
});

test("replies are found by what they answer", () => {
  const store = new TimelineStore();
  store.receive(message(1));
  store.receive({ ...message(2), reply_to: 1 });

  assert.deepEqual(store.answersTo(1).map((reply) => reply.seq), [2]);
});

test("a message that comes back to its sender is known by the id they gave it, and by theirs only", () => {
  const store = new TimelineStore();
  store.receive({ ...message(1), client_id: "x", sender: { id: "ada" } });

  assert.equal(store.sentAs("ada", "x").seq, 1);
  assert.equal(store.sentAs("eve", "x"), undefined);
});

test("what is stored but not shown is awaited only where it belongs to the window", () => {
  const store = new TimelineStore(10, 20);
  store.receive(message(12));

  assert.deepEqual([9, 11, 12, 21].map((seq) => store.awaits(seq)), [false, true, false, false]);
});

test("a thread holds its root and what hangs on it from the first reply shown on, and nothing else", () => {
  const store = new TimelineStore(5, Infinity, 2);
  const reply = (seq, thread) => ({ ...message(seq), thread });

  const changes = [message(2), reply(5, 2), message(6), reply(7, 2), reply(8, 6), reply(3, 2)].map((one) => store.receive(one));

  assert.deepEqual(changes, ["inserted", "inserted", "ignored", "inserted", "ignored", "ignored"]);
  store.load([reply(3, 2)]);
  assert.deepEqual(store.all().map((shown) => shown.seq), [2, 3, 5, 7]);
  assert.deepEqual(store.answersTo(2).map((shown) => shown.seq), [5, 7, 3]);
});

test("what is gone for good goes, and the window begins with what stays", () => {
  const store = new TimelineStore(2);
  [2, 3, 4, 5].forEach((seq) => store.receive(message(seq)));

  assert.deepEqual(store.forget(4), [2, 3]);

  assert.deepEqual(bodies(store), ["4.4", "5.5"]);
  assert.equal(store.first, 4);
  assert.equal(store.receive(message(3, 9)), "ignored");
  assert.deepEqual(store.forget(4), []);
});

test("where all is gone the next message belongs to the window", () => {
  const store = new TimelineStore(1);
  store.receive(message(1));

  store.forget(2);

  assert.equal(store.receive(message(2)), "inserted");
});
