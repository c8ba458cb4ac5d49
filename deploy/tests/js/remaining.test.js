import assert from "node:assert/strict";
import { test } from "node:test";

import { clockOffsetMs, formatLeft } from "../../../static/js/remaining.js";

const left = (seconds, language = "en") => formatLeft(seconds * 1000, language);

test("minutes and seconds look like a clock", () => {
  assert.equal(left(899), "14:59");
  assert.equal(left(61), "1:01");
  assert.equal(left(7), "0:07");
});

test("hours appear when there are any", () => {
  assert.equal(left(3600), "1:00:00");
  assert.equal(left(86_400), "24:00:00");
});

test("from two days on, days are said in the page's language", () => {
  assert.equal(left(7 * 86_400), "7 days");
  assert.equal(left(7 * 86_400, "ru"), "7 дней");
  assert.equal(left(7 * 86_400, "kk"), "7 күн");
});

test("a begun second counts as a whole one, so that zero means over", () => {
  assert.equal(formatLeft(1, "en"), "0:01");
  assert.equal(formatLeft(0, "en"), "0:00");
});

test("what is over stays at zero", () => {
  assert.equal(left(-50), "0:00");
});

test("the server's clock is trusted, not the device's", () => {
  const now = Date.parse("2026-11-22T10:05:00Z");

  assert.equal(clockOffsetMs("2026-11-22T10:00:00Z", now), -300_000);
});

test("without the server's clock the device's has to do", () => {
  assert.equal(clockOffsetMs(undefined), 0);
  assert.equal(clockOffsetMs("nonsense"), 0);
});
