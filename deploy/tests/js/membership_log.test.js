import assert from "node:assert/strict";
import { test } from "node:test";

import { LogNews } from "../../../static/js/log_news.js";
import { linesOf } from "../../../static/js/membership_lines.js";

function entry(version, { kind = "joined", after_seq = 1, by = null, at = "2026-11-22T12:00:00Z" } = {}) {
  const user = { id: `u${version}`, display_name: `U${version}`, is_guest: true, picture: null };
  return { version, kind, after_seq, by, at, user, role: "guest" };
}

function versions(entries) {
  return linesOf(entries).map((line) => line.map(({ version }) => version));
}

test("neighbours of one kind are one line", () => {
  assert.deepEqual(versions([entry(1), entry(2), entry(5), entry(6, { kind: "left" }), entry(7)]), [[1, 2, 5], [6], [7]]);
});

test("another message, another doer, another day: another line", () => {
  const bob = { id: "bob", display_name: "Bob", is_guest: false, picture: null };
  const tomorrow = "2026-11-24T12:00:00Z";

  assert.deepEqual(versions([entry(1), entry(2, { after_seq: 2 })]), [[1], [2]]);
  assert.deepEqual(versions([entry(1), entry(2, { by: bob }), entry(3, { by: bob })]), [[1], [2, 3]]);
  assert.deepEqual(versions([entry(1), entry(2, { at: tomorrow })]), [[1], [2]]);
});

test("each change of a role is a line of its own", () => {
  assert.deepEqual(versions([entry(1, { kind: "role_changed" }), entry(2, { kind: "role_changed" })]), [[1], [2]]);
});

/** A log whose questions are answered when the test says so. */
function asking() {
  const told = { shown: [], asked: [], last: 7, answers: [] };
  const ask = (since) => {
    told.asked.push(since);
    return new Promise((resolve, reject) => told.answers.push({ resolve, reject }));
  };
  const show = (entries) => told.shown.push(...entries.map(({ version }) => version));
  const news = new LogNews({ show, ask, calm: async () => {}, last: () => told.last, since: 3 });
  return { told, news };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

test("what is told as it happens is shown, and nothing is asked", async () => {
  const { told, news } = asking();

  news.heard(entry(1));
  news.heard(null);
  await settled();

  assert.deepEqual([told.shown, told.asked], [[1], []]);
});

test("of states that a resume tells it is asked once what happened, after what was known before", async () => {
  const { told, news } = asking();

  news.heard(undefined);
  news.heard(undefined);
  await settled();
  told.answers[0].resolve([entry(4), entry(5)]);
  await settled();

  assert.deepEqual([told.shown, told.asked], [[4, 5], [3]]);
  news.heard(undefined);
  await settled();
  assert.deepEqual(told.asked, [3, 7]);
});

test("what is missed while the answer is on its way is asked for again", async () => {
  const { told, news } = asking();

  news.heard(undefined);
  await settled();
  news.heard(undefined);
  told.answers[0].resolve([]);
  await settled();

  assert.deepEqual(told.asked, [3, 7]);
});

test("what could not be answered is asked for when the chat has caught up", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const { told, news } = asking();

  news.heard(undefined);
  for (const pauseMs of [1_000, 4_000, 0]) {
    await settled();
    told.answers.at(-1).reject(new Error("away"));
    await settled();
    t.mock.timers.tick(pauseMs);
  }
  await settled();
  assert.deepEqual(told.asked, [3, 3, 3]);
  news.caughtUp();
  await settled();
  told.answers.at(-1).resolve([entry(4)]);
  await settled();
  news.caughtUp();
  await settled();

  assert.deepEqual([told.shown, told.asked], [[4], [3, 3, 3, 3]]);
});
