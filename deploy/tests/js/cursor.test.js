import assert from "node:assert/strict";
import { test } from "node:test";

import { Cursor } from "../../../static/js/cursor.js";

function seen(start, ...versions) {
  const cursor = new Cursor(start);
  versions.forEach((version) => cursor.see(version));
  return cursor;
}

test("versions that follow one another move the cursor", () => {
  const cursor = seen(4, 5, 6, 7);

  assert.equal(cursor.version, 7);
  assert.equal(cursor.hasGap, false);
});

test("a version that skips one leaves the cursor and shows a gap", () => {
  const cursor = seen(4, 6);

  assert.equal(cursor.version, 4);
  assert.equal(cursor.hasGap, true);
});

test("the missing version closes the gap, and the cursor goes on to what came before it", () => {
  const cursor = seen(4, 7, 6, 5);

  assert.equal(cursor.version, 7);
  assert.equal(cursor.hasGap, false);
});

test("an old version changes nothing", () => {
  assert.equal(seen(4, 3, 4, 1).version, 4);
});

test("a resume's head is the cursor, and what came ahead of it counts", () => {
  const cursor = seen(4, 9, 11);

  cursor.settle(10);

  assert.equal(cursor.version, 11);
  assert.equal(cursor.hasGap, false);
});

test("what is still missing after a resume is still a gap", () => {
  const cursor = seen(4, 12);

  cursor.settle(10);

  assert.equal(cursor.version, 10);
  assert.equal(cursor.hasGap, true);
});

test("what is known to have been and was not told is a gap until a resume tells it", () => {
  const cursor = seen(4);

  cursor.miss(5);
  assert.deepEqual([cursor.version, cursor.hasGap], [4, true]);

  cursor.settle(5);
  assert.deepEqual([cursor.version, cursor.hasGap], [5, false]);
});

test("a reset may lower the cursor: the server's state is the truth", () => {
  const cursor = seen(90);

  cursor.settle(3);
  cursor.see(4);

  assert.equal(cursor.version, 4);
});
