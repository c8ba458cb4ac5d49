import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { test } from "node:test";

import { afterChoosing, found, parsed, step } from "../../../static/js/emoji_data.js";
import { marked } from "../../../static/js/formatting.js";
import english from "../../../static/vendor/emoji/en.js";
import russian from "../../../static/vendor/emoji/ru.js";

const names = (emoji) => emoji.map(({ emoji: sign }) => sign);

test("emoji are found by the beginnings of their names and of what else they are called", () => {
  const all = parsed("😀|0|grinning face|happy smile\n🐱|3|cat face|pet\n😺|0|grinning cat");

  assert.deepEqual(names(found(all, "cat")), ["🐱", "😺"]);
  assert.deepEqual(names(found(all, " Grin  c")), ["😺"]);
  assert.deepEqual(names(found(all, "smi")), ["😀"]);
  assert.deepEqual(found(all, "rin"), []);
});

test("both languages know the same emoji, and neither weighs much on the way", () => {
  const [one, other] = [parsed(english), parsed(russian)];

  assert.ok(one.length > 1800);
  assert.deepEqual(names(one), names(other));
  assert.ok([...one, ...other].every(({ emoji, group, name }) => emoji && Number.isInteger(group) && name));
  assert.ok(names(found(other, "сердце")).includes("❤️"));
  for (const language of ["en", "ru"]) {
    const text = readFileSync(new URL(`../../../static/vendor/emoji/${language}.js`, import.meta.url));
    assert.ok(gzipSync(text).length < 60_000);
  }
});

test("the one chosen last comes first, once", () => {
  assert.deepEqual(afterChoosing(["a", "b", "c"], "b"), ["b", "a", "c"]);
  assert.deepEqual(afterChoosing(["a", "b", "c"], "d", 3), ["d", "a", "b"]);
});

test("arrow keys lead through the grid, and not out of it", () => {
  assert.equal(step("ArrowDown", 1, 20, 8), 9);
  assert.equal(step("ArrowUp", 1, 20, 8), 1);
  assert.equal(step("End", 3, 20, 8), 19);
  assert.equal(step("Home", 3, 20, 8), 0);
  assert.equal(step("ArrowRight", 19, 20, 8), 19);
  assert.equal(step("x", 3, 20, 8), 3);
});

test("what is selected is marked, and unmarked again", () => {
  assert.deepEqual(marked("say tea now", 4, 7, "**"), { from: 4, to: 7, piece: "**tea**", start: 6, end: 9 });
  assert.deepEqual(marked("say **tea** now", 6, 9, "**"), { from: 4, to: 11, piece: "tea", start: 4, end: 7 });
  assert.deepEqual(marked("", 0, 0, "_"), { from: 0, to: 0, piece: "__", start: 1, end: 1 });
});
